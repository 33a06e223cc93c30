#pragma once

namespace runts::addon {

/**
 * A caller that ignores SIGCHLD makes the kernel reap our children, and their exit status would be lost. Called once
 * per process: when the addon is loaded, or by the executable that has it within.
 */
void keep_child_status();

/**
 * The null device on whatever the caller has closed of stdin, stdout and stderr: else our own files would get these
 * numbers, and with them a program that we start. Called where keep_child_status is, before anything is opened.
 * @returns false, and errno, when there is no null device
 */
bool open_standard_streams();

/** Says that this process has one thread, for good: then signals are caught by blocking them, not by handlers. */
void catch_signals_by_mask();

}  // namespace runts::addon
