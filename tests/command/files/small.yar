rule has_abc { strings: $a = "abc" condition: $a }
rule is_small { condition: filesize < 10 }
