/* The init program as bytes; INIT_IMAGE is the path of the file that the build made just before. */
        .section .rodata
        .balign 16
        .globl runts_init_start
        .hidden runts_init_start
        .type runts_init_start, %object
runts_init_start:
        .incbin INIT_IMAGE
        .globl runts_init_end
        .hidden runts_init_end
        .type runts_init_end, %object
runts_init_end:
        .byte 0
        .section .note.GNU-stack, "", %progbits
