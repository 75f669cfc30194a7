// The world's journal: every fact that a component stated, append-only. Facts are stored encoded
// and read back through their type's description.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/payload.hpp"

namespace windtunnel::sim {

/// One fact as read back.
struct Fact {
  TrueInstant at;
  HostId host;
  const TypeDescription* type = nullptr;
  std::string_view encoded;  ///< Valid as long as the log keeps the fact.

  template <Named T>
  [[nodiscard]] bool is() const {
    return type == &description_of<T>();
  }
  template <Named T>
  [[nodiscard]] T as() const {
    auto value = decoded<T>(encoded);
    check(value.has_value(), "a fact decodes as the type it was recorded with");
    return *std::move(value);
  }
};

/// A fact as it is being recorded, by its value.
struct FreshFact {
  TrueInstant at;
  HostId host;
  const TypeDescription* type = nullptr;
  const void* value = nullptr;  ///< Of the described type; there as long as the observer runs.

  template <Named T>
  [[nodiscard]] bool is() const {
    return type == &description_of<T>();
  }
  template <Named T>
  [[nodiscard]] const T& as() const {
    check(is<T>(), "a fact is read as the type it was recorded with");
    return *static_cast<const T*>(value);
  }
};

/// Which facts stay readable: every one, or the latest few thousand, for runs whose observer keeps
/// what it needs.
enum class FactMemory : std::uint8_t { all, recent };

class FactLog {
 public:
  explicit FactLog(FactMemory memory) : memory_(memory) {}

  /// Sees each fact once it is recorded and in the digest.
  using Observer = std::function<void(const FreshFact&)>;

  /// Returns the fact as stored. The observer has not seen it yet.
  Fact append(const FreshFact& fact);

  void observe(Observer observer) { observer_ = std::move(observer); }
  /// Shows a fact to the observer, which may record further ones.
  void announce(const FreshFact& fact) const {
    if (observer_) {
      observer_(fact);
    }
  }

  /// Facts still readable, oldest first.
  [[nodiscard]] std::size_t size() const { return stored_.size(); }
  [[nodiscard]] const Fact& operator[](std::size_t i) const { return stored_[i]; }

 private:
  [[nodiscard]] std::string_view kept(std::string_view bytes);
  void forget();

  FactMemory memory_;
  std::deque<Fact> stored_;  // Grows without moving what is there, as the blocks of bytes do.
  std::deque<std::unique_ptr<char[]>> blocks_;
  std::deque<std::uint64_t> first_of_block_;  // Counted from the first fact ever.
  std::uint64_t first_ = 0;                   // The oldest fact still stored, likewise.
  char* next_ = nullptr;                      // The rest of the last block.
  std::size_t room_ = 0;
  ByteBuffer scratch_;
  Observer observer_;
};

}  // namespace windtunnel::sim
