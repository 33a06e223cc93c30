// How far the answers of two programs to one call agree, and why they do not.
#pragma once

#include "oracle.h"

#define ENOSYS_ACTION 0x00050026u

/** Kinds of agreement, as README.md explains them; nothing explains WRONG. */
enum kind { SAME, STUB, NEWER, MULTIPLEXED, SWAPPED, FAULT, OVERLAP, WRONG, KINDS };

/** @param ours, theirs the actions of the two programs */
enum kind judge(const struct profile *profile, int architecture, const struct call *call, uint32_t ours,
                uint32_t theirs);
