import "console"
rule talks { condition: console.log("number: ", 1.5) and console.log("a\x00b\xff\n") and filesize > 0 }
