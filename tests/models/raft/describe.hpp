// Prints what a core says in the words of etcd/raft's test data (util.go, Describe*). One function
// per noun, no state.
#pragma once

#include <string>
#include <vector>

#include "models/raft/core.hpp"

namespace windtunnel::raft {

[[nodiscard]] std::string describe(const Entry& entry);
/// One line each.
[[nodiscard]] std::string describe(const std::vector<Entry>& entries);
[[nodiscard]] std::string describe(const HardState& state);
[[nodiscard]] std::string describe(const SoftState& state);
[[nodiscard]] std::string describe(const Peer& peer);
[[nodiscard]] std::string describe(const Message& message);
/// The message that asks node `id`'s storage for this, without its responses.
[[nodiscard]] std::string describe(HostId id, const StorageAppend& append);
[[nodiscard]] std::string describe(HostId id, const StorageApply& apply);
/// The answer to it.
[[nodiscard]] std::string describe_response(HostId id, const StorageApply& apply);

}  // namespace windtunnel::raft
