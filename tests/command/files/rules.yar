rule every_kind_of_string : red green
{
    meta:
        text = "quotes \" ' and \\, a tab \t, bytes \x01\x07\x1b\x7f\xe9"
        number = 5
        negative = -3
        large = 9223372036854775807
        yes = true
        no = false
        text = "again"
        cut = "here\x00it ends"
    strings:
        $text = "abc"
        $wide = "abc" wide
        $xor = "abc" xor
        $regexp = /b.\\/s
        $hex = { 61 62 63 5C [0-200] 7A }
        $short_hex = { 61 [1] 63 }
        $ = "bc"
        $hidden = "abc" private
        $absent = "not there"
    condition:
        any of them
}

rule one_string_short : green
{
    strings:
        $present = "abc"
        $absent = "not there"
    condition:
        all of them
}

private rule unseen : red { condition: true }

global rule everywhere { condition: true }
