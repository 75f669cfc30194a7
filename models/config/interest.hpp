// Which documents a subscriber wants: all of them, or those that it names. What it does not want
// is not sent to it, and its changes do not disturb it.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::config {

class Interest {
 public:
  /// Everything.
  Interest() = default;
  /// Each is a document's name, or ends in '/' and means all documents below. None: nothing.
  [[nodiscard]] static Interest in(std::vector<std::string> names);

  [[nodiscard]] bool is_everything() const { return is_everything_; }
  /// Sorted, each once; empty where it is everything.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  [[nodiscard]] bool wants(std::string_view document) const;

  friend auto operator<=>(const Interest&, const Interest&) = default;

 private:
  bool is_everything_ = true;
  std::vector<std::string> names_;
};

}  // namespace windtunnel::config
