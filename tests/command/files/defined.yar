rule float_with_nothing_behind_the_point { condition: x == 5.0 }
