#include "models/replica/repair.hpp"

#include <utility>

namespace windtunnel::replica {

namespace {

void compare(const Replica& replica, const RangeSummary& theirs, RepairStep& answer) {
  if (!theirs.range.is_range()) {
    return;
  }
  const RangeSummary mine = replica.summary_of(theirs.range);
  if (mine == theirs) {
    return;
  }
  if (mine.count + theirs.count <= kItemsExchanged || !mine.range.is_divisible()) {
    RangeContent content = replica.content_of(mine.range);
    content.wants_reply = true;
    answer.contents.push_back(std::move(content));
    return;
  }
  for (std::size_t i = 0; i < KeyRange::kChildren; ++i) {
    answer.summaries.push_back(replica.summary_of(mine.range.child(i)));
  }
}

}  // namespace

RepairStep first_step(const Replica& replica) {
  RepairStep step;
  step.seen = replica.seen();
  step.summaries.push_back(replica.summary_of(KeyRange{}));
  return step;
}

RepairStep next_step(Replica& replica, WallInstant now, const RepairStep& received) {
  RepairStep answer;
  for (const RangeContent& content : received.contents) {
    if (!content.range.is_range()) {
      continue;
    }
    replica.merge(now, content, received.seen);
    if (content.wants_reply) {
      answer.contents.push_back(replica.content_of(content.range));
    }
  }
  for (const RangeSummary& summary : received.summaries) {
    compare(replica, summary, answer);
  }
  // After the merging: a content goes with what was seen when it was taken.
  answer.seen = replica.seen();
  return answer;
}

}  // namespace windtunnel::replica
