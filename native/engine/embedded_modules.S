/* src/ as compile.cc wrote it, for an executable without an image; MODULES is the path of that file. */
        .section .rodata
        .balign 16
        .globl embedded_modules
        .hidden embedded_modules
        .type embedded_modules, %object
embedded_modules:
        .incbin MODULES
        .section .note.GNU-stack, "", %progbits
