#include "tests/models/raft/cluster.hpp"

#include <string>
#include <utility>

namespace windtunnel::raft {

void write_to(PersistentState& durable, const StorageAppend& append) {
  if (!append.entries.empty()) {
    const std::uint64_t kept = append.entries.front().index - durable.base.index - 1;
    durable.entries.resize(static_cast<std::size_t>(kept));
    durable.entries.insert(durable.entries.end(), append.entries.begin(), append.entries.end());
  }
  if (append.hard_state) {
    durable.hard_state = *append.hard_state;
  }
}

std::vector<Options> options_for(std::uint32_t size, const Options& common, std::uint64_t seed) {
  std::vector<Options> options(size, common);
  for (std::uint32_t n = 0; n < size; ++n) {
    options[n].id = HostId{n};
    options[n].timeouts = {seed, "raft.election:" + std::to_string(n)};
    options[n].voters.clear();
    for (std::uint32_t voter = 0; voter < size; ++voter) {
      options[n].voters.emplace_back(voter);
    }
  }
  return options;
}

Cluster::Cluster(const std::vector<Options>& options, std::vector<PersistentState> states) {
  states.resize(options.size());
  for (std::size_t n = 0; n < options.size(); ++n) {
    nodes_.push_back({options[n], {std::move(states[n]), {}}, nullptr, {}, {}});
    restart(n);
  }
}

std::optional<std::size_t> Cluster::leader() const {
  std::optional<std::size_t> found;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (is_up(n) && nodes_[n].core->state().role == Role::leader &&
        (!found || nodes_[n].core->state().term > nodes_[*found].core->state().term)) {
      found = n;
    }
  }
  return found;
}

void Cluster::tick(std::size_t n) {
  nodes_[n].core->tick();
  drain(n);
}

void Cluster::campaign(std::size_t n) {
  nodes_[n].core->campaign();
  drain(n);
}

Proposal Cluster::propose(std::size_t n, SharedBytes data) {
  const Proposal proposal = nodes_[n].core->propose(std::move(data));
  drain(n);
  return proposal;
}

void Cluster::read_index(std::size_t n, std::uint64_t context) {
  static_cast<void>(nodes_[n].core->read_index(context));
  drain(n);
}

void Cluster::transfer_leadership(std::size_t n, HostId to) {
  static_cast<void>(nodes_[n].core->transfer_leadership(to));
  drain(n);
}

void Cluster::deliver(Message message) {
  const std::size_t to = message.to.value();
  if (is_up(to) && !isolated_.contains(message.from) && !isolated_.contains(message.to)) {
    nodes_[to].core->step(std::move(message));
    drain(to);
  }
}

bool Cluster::complete_write(std::size_t n) {
  Node& node = nodes_[n];
  if (node.storage.pending.empty()) {
    return false;
  }
  const StorageAppend append = std::move(node.storage.pending.front());
  node.storage.pending.pop_front();
  write_to(node.storage.durable, append);
  observe(n, append.facts);
  for (const Message& response : append.responses) {
    if (response.to == node.options.id) {
      node.core->step(response);
    } else {
      network_.push_back(response);
    }
  }
  drain(n);
  return true;
}

bool Cluster::complete_apply(std::size_t n) {
  Node& node = nodes_[n];
  if (node.applying.empty()) {
    return false;
  }
  const StorageApply apply = std::move(node.applying.front());
  node.applying.pop_front();
  node.applied.insert(node.applied.end(), apply.entries.begin(), apply.entries.end());
  node.core->step(apply.response);
  drain(n);
  return true;
}

void Cluster::crash(std::size_t n, std::size_t writes_kept) {
  Node& node = nodes_[n];
  for (; writes_kept > 0 && !node.storage.pending.empty(); --writes_kept) {
    write_to(node.storage.durable, node.storage.pending.front());
    node.storage.pending.pop_front();
  }
  node.storage.pending.clear();
  node.applying.clear();
  node.applied.clear();
  node.core.reset();
}

void Cluster::restart(std::size_t n) {
  nodes_[n].core = std::make_unique<Core>(nodes_[n].options, nodes_[n].storage.durable);
  drain(n);
}

void Cluster::settle() {
  bool busy = true;
  while (busy && !breach_) {
    busy = !network_.empty();
    for (Message& message : std::exchange(network_, {})) {
      deliver(std::move(message));
    }
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      while (is_up(n) && (complete_write(n) || complete_apply(n))) {
        busy = true;
      }
    }
  }
}

void Cluster::drain(std::size_t n) {
  Node& node = nodes_[n];
  while (node.core->has_ready()) {
    Ready ready = node.core->ready();
    observe(n, ready.facts);
    network_.insert(network_.end(), ready.messages.begin(), ready.messages.end());
    reads_.insert(reads_.end(), ready.read_states.begin(), ready.read_states.end());
    if (ready.append) {
      node.storage.pending.push_back(std::move(*ready.append));
    }
    if (ready.apply) {
      node.applying.push_back(std::move(*ready.apply));
    }
  }
}

void Cluster::observe(std::size_t n, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    facts_.emplace_back(nodes_[n].options.id, fact);
    if (!breach_) {
      breach_ = invariants_.observe(nodes_[n].options.id, fact);
    }
  }
}

}  // namespace windtunnel::raft
