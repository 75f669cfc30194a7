// All documents as of one revision, and what has changed since earlier ones: what snapshots and
// deltas are made of. Deletions are remembered up to a number; from before the oldest forgotten
// one, only a snapshot leads on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "models/config/document.hpp"
#include "models/config/interest.hpp"

namespace windtunnel::config {

class DocumentSet {
 public:
  explicit DocumentSet(std::size_t tombstones_max = 1024) : tombstones_max_(tombstones_max) {}

  void write(Document document);
  void remove(std::string_view name, std::uint64_t revision);
  /// Everything up to `revision` is in.
  void advance_to(std::uint64_t revision);

  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  [[nodiscard]] const Document* find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return documents_.size(); }

  /// Of what is wanted. O(names × log n), and what it brings.
  [[nodiscard]] Update snapshot(const Interest& interest = {}) const;
  /// From `from` to now. O(changes since × log n). Nothing where a deletion since may be forgotten.
  [[nodiscard]] std::optional<Update> delta(std::uint64_t from,
                                            const Interest& interest = {}) const;

 private:
  using Change = std::pair<std::uint64_t, std::string>;  // When a name was last touched.

  void touch(std::string_view name, std::uint64_t before, std::uint64_t now);

  std::size_t tombstones_max_;
  std::map<std::string, Document, std::less<>> documents_;
  std::map<std::string, std::uint64_t, std::less<>> tombstones_;
  std::set<Change> changes_;
  std::uint64_t revision_ = 0;
  std::uint64_t forgotten_ = 0;  // A deletion at this revision or before may be forgotten.
};

}  // namespace windtunnel::config
