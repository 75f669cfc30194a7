#include "models/replica/replica.hpp"

#include <algorithm>
#include <utility>

#include "models/balance/xx_hash.hpp"
#include "runtime/check.hpp"

namespace windtunnel::replica {

namespace {

std::uint64_t digest_of(std::uint64_t position, const Dot& dot) {
  return balance::mix_hashes(position, balance::mix_hashes(dot.replica.value(), dot.number));
}

}  // namespace

Operation Replica::accept(WallInstant now, OperationKind kind, std::string key,
                          std::optional<std::string> value, const Stability& stability) {
  Operation operation{.dot = {options_.self, seen_.last_of(options_.self) + 1},
                      .kind = kind,
                      .key = std::move(key),
                      .value = std::move(value),
                      .time = clock_.stamp(now)};
  if (!is_of_map(kind)) {
    operation.replaced = set_.additions_of(operation.key);
    if (kind == OperationKind::add) {
      // One that somebody has not seen could come to it after this addition and its removal.
      std::erase_if(operation.replaced,
                    [&](const Dot& before) { return !stability.is_everywhere(before); });
    }
  } else if (const Register* const before = map_.find(operation.key);
             before != nullptr && wins({operation.dot, operation.time, {}}, *before)) {
    operation.replaced = {before->dot};
  }
  perform(operation);
  return operation;
}

Taken Replica::apply(WallInstant now, const Operation& operation) {
  if (seen_.contains(operation.dot)) {
    return Taken::known;
  }
  if (repairing_with_ && repairing_with_->contains(operation.dot)) {
    return Taken::left;
  }
  const bool is_early = !is_of_map(operation.kind) &&
                        !std::ranges::all_of(operation.replaced, [&](const Dot& replaced) {
                          return seen_.contains(replaced);
                        });
  if (is_early) {
    return Taken::early;
  }
  if (!observe(now, operation.dot, operation.time)) {
    return Taken::refused;
  }
  perform(operation);
  return Taken::taken;
}

void Replica::restore(const Operation& operation) {
  observe(std::nullopt, operation.dot, operation.time);
  perform(operation);
}

bool Replica::observe(std::optional<WallInstant> now, const Dot& dot, const HybridTime& time) {
  const bool is_hybrid = options_.stamps == StampKind::hybrid;
  if (!now) {
    if (is_hybrid || dot.replica == options_.self) {
      clock_.restore(time);
    }
    return true;
  }
  return !is_hybrid || clock_.receive(*now, time).has_value();
}

void Replica::perform(const Operation& operation) {
  if (is_of_map(operation.kind)) {
    write(operation.key, {operation.dot, operation.time, operation.value});
  } else {
    const bool is_addition = operation.kind == OperationKind::add;
    join_set(delta_of(operation.key, is_addition ? std::optional{operation.dot} : std::nullopt,
                      operation.replaced));
  }
  seen_.add(operation.dot);
}

void Replica::write(const std::string& key, const Register& write) {
  if (map_.apply(key, write)) {
    index_register(key);
  }
}

void Replica::join_set(const OrSetDelta& delta) {
  set_.join(delta, seen_);
  for (const Element& element : delta.elements) {
    index_element(element.name);
  }
}

void Replica::index_register(const std::string& key) {
  const ItemKey item{ItemKind::reg, key};
  const Register* const present = map_.find(key);
  if (present == nullptr) {
    tree_.erase(item);
  } else {
    tree_.set(item, digest_of(position_of(item), present->dot));
  }
}

void Replica::index_element(const std::string& name) {
  const ItemKey item{ItemKind::element, name};
  const std::uint64_t position = position_of(item);
  std::uint64_t digest = 0;
  for (const Dot& addition : set_.additions_of(name)) {
    digest += digest_of(position, addition);
  }
  if (set_.contains(name)) {
    tree_.set(item, digest);
  } else {
    tree_.erase(item);
  }
}

RangeContent Replica::content_of(const KeyRange& range) const {
  RangeContent content{.range = range};
  for (ItemKey& item : tree_.keys_in(range)) {
    if (item.kind == ItemKind::reg) {
      const Register* const present = map_.find(item.name);
      check(present != nullptr, "what is in the tree is in the map");
      content.registers.push_back({std::move(item.name), *present});
    } else {
      content.elements.push_back({item.name, set_.additions_of(item.name)});
    }
  }
  return content;
}

void Replica::open_repair(CausalContext partner_seen) {
  repairing_with_ = std::move(partner_seen);
  has_refused_ = false;
}

void Replica::merge(WallInstant now, const RangeContent& content,
                    const CausalContext& partner_seen) {
  has_refused_ = !merge_registers(now, content.registers) || has_refused_;
  merge_elements(content, partner_seen);
}

void Replica::restore(const RangeContent& content, const CausalContext& partner_seen) {
  merge_registers(std::nullopt, content.registers);
  merge_elements(content, partner_seen);
}

/// What was seen is held, or something that won over it is, or nobody needs it any more.
bool Replica::merge_registers(std::optional<WallInstant> now,
                              const std::vector<RegisterItem>& items) {
  bool are_all_taken = true;
  for (const RegisterItem& item : items) {
    if (seen_.contains(item.write.dot)) {
      continue;
    }
    if (!observe(now, item.write.dot, item.write.time)) {
      are_all_taken = false;
      continue;
    }
    write(item.key, item.write);
    seen_.add(item.write.dot);
  }
  return are_all_taken;
}

void Replica::merge_elements(const RangeContent& content, const CausalContext& partner_seen) {
  OrSetDelta delta{content.elements, partner_seen};
  // What the partner does not name, it has not.
  for (const ItemKey& item : tree_.keys_in(content.range)) {
    const bool is_named = std::ranges::any_of(
        content.elements, [&](const Element& element) { return element.name == item.name; });
    if (item.kind == ItemKind::element && !is_named) {
      delta.elements.push_back({item.name, {}});
    }
  }
  join_set(delta);
  for (const Element& element : content.elements) {
    for (const Dot& addition : element.additions) {
      seen_.add(addition);
    }
  }
}

std::optional<CausalContext> Replica::complete_repair() {
  std::optional<CausalContext> joined = std::exchange(repairing_with_, std::nullopt);
  if (!joined || has_refused_) {
    return std::nullopt;
  }
  seen_.join(*joined);
  return joined;
}

std::size_t Replica::collect(const Stability& stability) {
  if (is_repairing()) {
    return 0;
  }
  std::vector<std::string> keys;
  for (const std::string& key : map_.tombstones()) {
    if (stability.is_stable(*map_.find(key), seen_, clock_.latest())) {
      keys.push_back(key);
    }
  }
  forget(keys);
  return keys.size();
}

std::size_t Replica::collect_before(WallInstant limit) {
  std::vector<std::string> keys;
  for (const std::string& key : map_.tombstones()) {
    if (map_.find(key)->time.wall < limit) {
      keys.push_back(key);
    }
  }
  forget(keys);
  return keys.size();
}

void Replica::forget(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    map_.collect(key);
    index_register(key);
  }
}

}  // namespace windtunnel::replica
