#include "models/config/document_set.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::config {

void DocumentSet::touch(std::string_view name, std::uint64_t before, std::uint64_t now) {
  check(now >= before, "documents change in the order of their revisions");
  if (before != 0) {
    changes_.erase({before, std::string{name}});
  }
  changes_.emplace(now, name);
  revision_ = std::max(revision_, now);
}

void DocumentSet::write(Document document) {
  std::uint64_t before = 0;
  if (const auto dead = tombstones_.find(document.name); dead != tombstones_.end()) {
    before = dead->second;
    tombstones_.erase(dead);
  }
  Document& stored = documents_[document.name];
  touch(document.name, std::max(before, stored.revision), document.revision);
  stored = std::move(document);
}

void DocumentSet::remove(std::string_view name, std::uint64_t revision) {
  const auto found = documents_.find(name);
  if (found == documents_.end()) {
    return;
  }
  touch(name, found->second.revision, revision);
  tombstones_.emplace(name, revision);
  documents_.erase(found);
  if (tombstones_.size() > tombstones_max_) {
    const auto oldest =
        std::min_element(tombstones_.begin(), tombstones_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    forgotten_ = std::max(forgotten_, oldest->second);
    changes_.erase({oldest->second, oldest->first});
    tombstones_.erase(oldest);
  }
}

void DocumentSet::advance_to(std::uint64_t revision) {
  revision_ = std::max(revision_, revision);
}

const Document* DocumentSet::find(std::string_view name) const {
  const auto found = documents_.find(name);
  return found == documents_.end() ? nullptr : &found->second;
}

Update DocumentSet::snapshot(const Interest& interest) const {
  Update update{0, revision_, {}, {}};
  const auto add_below = [&](std::string_view prefix) {
    for (auto document = documents_.lower_bound(prefix);
         document != documents_.end() && document->first.starts_with(prefix); ++document) {
      update.written.push_back(document->second);
    }
  };
  if (interest.is_everything()) {
    update.written.reserve(documents_.size());
    add_below("");
  }
  for (const std::string& name : interest.names()) {
    if (name.ends_with('/')) {
      add_below(name);
    } else if (const Document* const document = find(name)) {
      update.written.push_back(*document);
    }
  }
  return update;
}

std::optional<Update> DocumentSet::delta(std::uint64_t from, const Interest& interest) const {
  if (from < forgotten_ || from == 0) {
    return std::nullopt;
  }
  Update update{from, revision_, {}, {}};
  for (auto change = changes_.lower_bound({from + 1, ""}); change != changes_.end(); ++change) {
    if (!interest.wants(change->second)) {
      continue;
    }
    if (const Document* document = find(change->second)) {
      update.written.push_back(*document);
    } else {
      update.removed.push_back(change->second);
    }
  }
  std::sort(update.written.begin(), update.written.end(),
            [](const Document& a, const Document& b) { return a.name < b.name; });
  std::sort(update.removed.begin(), update.removed.end());
  return update;
}

}  // namespace windtunnel::config
