#include "models/replica/outbox.hpp"

#include <utility>

namespace windtunnel::replica {

std::size_t Outbox::add(Operation operation) {
  operations_.push_back(std::move(operation));
  std::size_t dropped = 0;
  for (; operations_.size() > operations_max_; ++dropped) {
    operations_.pop_front();
  }
  return dropped;
}

std::vector<Operation> Outbox::unseen(const CausalContext& seen, std::size_t limit) const {
  std::vector<Operation> unseen;
  if (operations_.empty()) {
    return unseen;
  }
  const Dot& first = operations_.front().dot;
  const std::uint64_t prefix = seen.prefix_of(first.replica);
  const std::uint64_t skipped = prefix < first.number ? 0 : prefix - first.number + 1;
  for (std::uint64_t i = skipped; i < operations_.size() && unseen.size() < limit; ++i) {
    const Operation& operation = operations_[static_cast<std::size_t>(i)];
    if (!seen.contains(operation.dot)) {
      unseen.push_back(operation);
    }
  }
  return unseen;
}

void Outbox::trim(const Stability& stability) {
  while (!operations_.empty() && stability.is_everywhere(operations_.front().dot)) {
    operations_.pop_front();
  }
}

}  // namespace windtunnel::replica
