#pragma once

#include <string>
#include <vector>

/**
 * Goes on in namespaces of its own (user, mount, pid, network, ipc, uts, cgroup), where there is nothing but `kept` of
 * the host's files: calls of any kind reach nobody. Ends this process where that is not allowed, with 69.
 */
void enter_room(const std::vector<std::string>& kept);

/** Files, descriptors and processes are again those of the beginning. */
void tidy_room();
