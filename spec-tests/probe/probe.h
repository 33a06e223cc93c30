/* What the parts of the probe share. */
#pragma once

/* Ends the probe with status 99 and the words for errno. */
void fail(const char *what);
/* As a string of JSON. */
void print_string(const char *s);

int show_self(int argc, char **argv);
int launch(int argc, char **argv);
int confine(int argc, char **argv);
int enter(int argc, char **argv);
int run_race(int argc, char **argv);
int look(int argc, char **argv);
int observe(int argc, char **argv);
int hunt(int argc, char **argv);
int inject_fault(int argc, char **argv);
int die(int argc, char **argv);
