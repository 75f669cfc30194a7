// The world's journal: every fact that a component stated, append-only. Facts are stored encoded
// and read back through their type's description.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
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
  std::string_view encoded;  ///< Valid until the next fact is recorded.

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

class FactLog {
 public:
  /// Sees each fact once it is recorded and in the digest.
  using Observer = std::function<void(const Fact&)>;

  /// Returns the fact as stored. The observer has not seen it yet.
  Fact append(TrueInstant at, HostId host, const TypeDescription& type, const void* fact);

  void observe(Observer observer) { observer_ = std::move(observer); }
  /// Shows a stored fact to the observer, which may record further ones.
  void announce(const Fact& fact) const {
    if (observer_) {
      observer_(fact);
    }
  }

  [[nodiscard]] std::size_t size() const { return stored_.size(); }
  [[nodiscard]] Fact operator[](std::size_t i) const;

 private:
  struct Stored {
    TrueInstant at;
    const TypeDescription* type;
    std::uint64_t end;  ///< Where its bytes end; they begin where those of the one before end.
    HostId host;
  };

  std::deque<Stored> stored_;  // Grows without moving what is there.
  std::string bytes_;
  Observer observer_;
};

}  // namespace windtunnel::sim
