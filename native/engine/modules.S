// The compiled modules of src/, read-only in the executable.
  .section .rodata
  .balign 16
  .global runts_modules
runts_modules:
  .incbin MODULES
  .section .note.GNU-stack, "", @progbits
