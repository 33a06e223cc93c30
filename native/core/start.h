#pragma once

namespace runts::addon {

/**
 * A caller that ignores SIGCHLD makes the kernel reap our children, and their exit status would be lost. Called once
 * per process: when the addon is loaded, or by the executable that has it within.
 */
void keep_child_status();

}  // namespace runts::addon
