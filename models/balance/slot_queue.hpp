// A priority queue over slots: the least key leaves first, equal keys in the order they were
// queued. Every slot is in it at most once and can be taken out wherever it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/balance/candidates.hpp"
#include "runtime/check.hpp"

namespace windtunnel::balance {

/// An indexed binary heap. All changes cost O(log n) and allocate nothing.
template <typename Key>
class SlotQueue {
 public:
  /// A slot's place in the queue, for putting it back exactly there.
  struct Entry {
    Key key{};
    std::uint64_t order = 0;
    Slot slot = 0;

    [[nodiscard]] bool precedes(const Entry& other) const {
      return key < other.key || (!(other.key < key) && order < other.order);
    }
  };

  /// Room for slots below `slots`.
  explicit SlotQueue(std::size_t slots) : places_(slots, kAbsent) { heap_.reserve(slots); }

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  [[nodiscard]] bool contains(Slot slot) const { return places_[slot] != kAbsent; }
  /// Precondition: not empty.
  [[nodiscard]] const Entry& top() const { return heap_.front(); }

  /// Precondition: `slot` is queued.
  [[nodiscard]] const Key& key_of(Slot slot) const { return heap_[places_[slot]].key; }

  /// Precondition: `slot` is not queued.
  void push(Slot slot, Key key) { put_back({std::move(key), ++last_order_, slot}); }

  /// Gives the first slot a new key; it goes behind its equals.
  void replace_top(Key key) {
    heap_.front().key = std::move(key);
    heap_.front().order = ++last_order_;
    sink(0);
  }

  /// Gives a queued slot a new key; it goes behind its equals.
  void update(Slot slot, Key key) {
    take(slot);
    push(slot, std::move(key));
  }

  /// Gives a queued slot a new key; among its equals it stands where its last push or update put
  /// it.
  void rekey(Slot slot, Key key) {
    Entry entry = take(slot);
    entry.key = std::move(key);
    put_back(std::move(entry));
  }

  /// Removes a queued slot.
  Entry take(Slot slot) {
    const std::size_t place = places_[slot];
    check(place != kAbsent, "only a queued slot can be taken");
    Entry entry = std::move(heap_[place]);
    places_[slot] = kAbsent;
    const std::size_t last = heap_.size() - 1;
    if (place != last) {
      settle(place, std::move(heap_[last]));
    }
    heap_.pop_back();
    if (place != last) {
      sink(place);
      rise(place);
    }
    return entry;
  }

  void put_back(Entry entry) {
    check(places_[entry.slot] == kAbsent, "a slot is queued once");
    heap_.push_back(entry);
    places_[entry.slot] = heap_.size() - 1;
    rise(heap_.size() - 1);
  }

 private:
  static constexpr std::size_t kAbsent = ~std::size_t{0};

  void settle(std::size_t place, Entry entry) {
    places_[entry.slot] = place;
    heap_[place] = std::move(entry);
  }

  void rise(std::size_t place) {
    Entry entry = heap_[place];
    while (place > 0 && entry.precedes(heap_[(place - 1) / 2])) {
      settle(place, heap_[(place - 1) / 2]);
      place = (place - 1) / 2;
    }
    settle(place, std::move(entry));
  }

  void sink(std::size_t place) {
    Entry entry = heap_[place];
    for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1].precedes(heap_[child])) {
        ++child;
      }
      if (!heap_[child].precedes(entry)) {
        break;
      }
      settle(place, heap_[child]);
      place = child;
    }
    settle(place, std::move(entry));
  }

  std::vector<Entry> heap_;
  std::vector<std::size_t> places_;  ///< By slot.
  std::uint64_t last_order_ = 0;
};

}  // namespace windtunnel::balance
