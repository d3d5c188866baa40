rule is_float { condition: number == 1.5 }
rule is_integer { condition: count == -3 }
rule is_true { condition: flag }
rule is_text { condition: word == "a=b" }
