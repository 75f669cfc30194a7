#include "models/raft/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::raft {

Log::Log(EntryId base, std::vector<Entry> entries, Index applied)
    : base_(base),
      entries_(std::move(entries)),
      stable_(last_index()),
      storing_(last_index()),
      committed_(std::max(base.index, applied)),
      applying_(committed_),
      applied_(committed_) {
  check(committed_ <= last_index(), "the application has applied more than the log holds");
  for (std::size_t slot = 0; slot < entries_.size(); ++slot) {
    check(entries_[slot].index == base_.index + slot + 1, "the persisted log has a gap");
  }
}

std::optional<Term> Log::term_at(Index index) const {
  if (index <= base_.index) {
    return index == base_.index ? std::optional{base_.term} : std::nullopt;
  }
  if (index > last_index()) {
    return std::nullopt;
  }
  return entries_[slot_of(index)].term;
}

bool Log::is_covered_by(EntryId last) const {
  const EntryId own = this->last();
  return last.term > own.term || (last.term == own.term && last.index >= own.index);
}

EntryId Log::agreement_before(Index index, Term term) const {
  while (index > Index{}) {
    const std::optional<Term> own = term_at(index);
    // Not knowing the term means not knowing better: agreement is possible here.
    if (!own) {
      return {Term{}, index};
    }
    if (*own <= term) {
      return {*own, index};
    }
    index = index.previous();
  }
  return {};
}

std::span<const Entry> Log::read_from(Index from, std::uint64_t count_max,
                                      std::uint64_t bytes_max) const {
  if (from > last_index()) {
    return {};
  }
  check(from > base_.index, "a compacted entry was asked for");
  const std::span<const Entry> rest = std::span{entries_}.subspan(slot_of(from));
  const auto limit = static_cast<std::size_t>(std::min<std::uint64_t>(count_max, rest.size()));
  std::size_t count = 1;
  for (std::uint64_t bytes = rest[0].data.size(); count < limit; ++count) {
    bytes += rest[count].data.size();
    if (bytes > bytes_max) {
      break;
    }
  }
  return rest.first(count);
}

std::span<const Entry> Log::read_range(Index after, Index through) const {
  check(base_.index <= after && through <= last_index(), "a range outside the log was asked for");
  return std::span{entries_}.subspan(static_cast<std::size_t>(after - base_.index),
                                     static_cast<std::size_t>(through - after));
}

void Log::append(Entry entry) {
  check(entry.index == last_index().next(), "an entry was appended out of order");
  entries_.push_back(std::move(entry));
}

std::optional<Index> Log::try_append(EntryId previous, std::span<Entry> entries) {
  if (!contains(previous)) {
    return std::nullopt;
  }
  const auto fresh = std::find_if(entries.begin(), entries.end(),
                                  [this](const Entry& entry) { return !contains(entry.id()); });
  if (fresh != entries.end()) {
    truncate_from(fresh->index);
    entries_.insert(entries_.end(), std::move_iterator{fresh}, std::move_iterator{entries.end()});
  }
  return previous.index + entries.size();
}

void Log::truncate_from(Index index) {
  check(index > committed_, "a leader's log conflicts with a committed entry");
  if (index > last_index()) {
    return;
  }
  entries_.resize(slot_of(index));
  stable_ = std::min(stable_, index.previous());
  storing_ = std::min(storing_, index.previous());
}

void Log::commit_to(Index index) {
  if (index <= committed_) {
    return;
  }
  check(index <= last_index(), "told to commit an entry that this log does not hold: was it lost?");
  committed_ = index;
}

std::vector<Entry> Log::take_unstored(std::vector<Entry> memory) {
  const std::span<const Entry> entries = read_range(storing_, last_index());
  storing_ = last_index();
  memory.assign(entries.begin(), entries.end());
  return memory;
}

void Log::mark_stable(EntryId id) {
  if (id.index > stable_ && contains(id)) {
    stable_ = id.index;
    storing_ = std::max(storing_, stable_);
  }
}

std::vector<Entry> Log::take_unapplied(Index limit, std::uint64_t count_max,
                                       std::vector<Entry> memory) {
  const Index through = limit - applying_ <= count_max ? limit : applying_ + count_max;
  const std::span<const Entry> entries = read_range(applying_, through);
  applying_ = through;
  memory.assign(entries.begin(), entries.end());
  return memory;
}

void Log::mark_applied(Index index) {
  check(applied_ <= index && index <= applying_, "an entry was reported applied out of order");
  applied_ = index;
}

}  // namespace windtunnel::raft
