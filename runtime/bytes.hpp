// Immutable shared bytes: the payload type that may be copied freely between logs, messages and
// disks.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace windtunnel {

/// A reference-counted immutable byte string in one allocation. Copying and slicing share; nothing
/// ever writes to the bytes again.
class SharedBytes {
 public:
  SharedBytes() = default;
  /// Copies `bytes`.
  explicit SharedBytes(std::string_view bytes) {
    if (!bytes.empty()) {
      const auto owned = std::make_shared_for_overwrite<char[]>(bytes.size());
      std::memcpy(owned.get(), bytes.data(), bytes.size());
      owner_ = owned;
      view_ = {owned.get(), bytes.size()};
    }
  }

  [[nodiscard]] std::string_view view() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }

  /// A part of these bytes, which keeps all of them alive. Precondition: `part` lies within view().
  [[nodiscard]] SharedBytes slice(std::string_view part) const {
    SharedBytes shared;
    shared.owner_ = owner_;
    shared.view_ = part;
    return shared;
  }

  friend bool operator==(const SharedBytes& a, const SharedBytes& b) { return a.view_ == b.view_; }

 private:
  std::shared_ptr<const char[]> owner_;
  std::string_view view_;
};

}  // namespace windtunnel
