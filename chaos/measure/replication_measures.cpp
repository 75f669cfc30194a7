#include "chaos/measure/replication_measures.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

struct View {
  const ReplicationIndex& index;
  TimeWindow window;
  [[nodiscard]] const ReplicationRecord& record() const { return index.record(); }
};

MeasureValue availability(const View& view) {
  std::uint64_t answered = 0;
  std::uint64_t all = 0;
  for (const ReplicaCallRecord& call : view.record().calls) {
    if (view.window.contains(call.invoked_at) && call.ended_at) {
      ++all;
      answered += call.is_answered ? 1U : 0U;
    }
  }
  return all == 0 ? no_evidence("nobody asked a replica") : measured(Ratio::of(answered, all), all);
}

MeasureValue lag(const View& view, std::size_t percent) {
  std::vector<Duration> lags;
  std::size_t all = 0;
  for (const AcceptedRecord& operation : view.record().accepted) {
    if (!view.window.contains(operation.at)) {
      continue;
    }
    ++all;
    if (const auto everywhere = view.index.everywhere_at(operation.dot)) {
      lags.push_back(*everywhere - operation.at);
    }
  }
  if (all == 0) {
    return no_evidence("no operation was accepted");
  }
  const std::size_t rank = (all * percent + 99) / 100;
  if (rank > lags.size()) {
    return censored("so many operations had not come everywhere when the run ended", all);
  }
  std::ranges::sort(lags);
  return measured(lags[rank - 1], all);
}

/// What a read missed: the first write acknowledged before it that is later than what it found.
/// Where it found nothing, only the latest of them counts, and only if it is no deletion.
const AckedWrite* first_missed(const ReplicationIndex& index, const ReplicaCallRecord& read) {
  const auto writes = index.acked_writes().find(read.key);
  if (writes == index.acked_writes().end()) {
    return nullptr;
  }
  const AcceptedRecord* const found = read.dot ? index.find(*read.dot) : nullptr;
  const AckedWrite* missed = nullptr;
  for (const AckedWrite& acked : writes->second) {
    if (acked.acked_at >= read.invoked_at) {
      break;
    }
    if (found != nullptr) {
      missed = missed == nullptr && is_later(*acked.write, *found) ? &acked : missed;
    } else if (missed == nullptr || is_later(*acked.write, *missed->write)) {
      missed = &acked;
    }
  }
  const bool found_rightly_nothing =
      found == nullptr && missed != nullptr && missed->write->kind == replica::OperationKind::erase;
  return found_rightly_nothing ? nullptr : missed;
}

struct Staleness {
  std::uint64_t reads = 0;
  std::uint64_t stale = 0;
  Duration worst{};
};

Staleness staleness_of(const View& view) {
  Staleness staleness;
  for (const ReplicaCallRecord& call : view.record().calls) {
    if (call.kind != replica::CallKind::read || !call.is_answered ||
        !view.window.contains(call.invoked_at)) {
      continue;
    }
    ++staleness.reads;
    if (const AckedWrite* const missed = first_missed(view.index, call)) {
      ++staleness.stale;
      staleness.worst = std::max(staleness.worst, call.invoked_at - missed->acked_at);
    }
  }
  return staleness;
}

MeasureValue stale_reads(const View& view) {
  const Staleness staleness = staleness_of(view);
  return staleness.reads == 0
             ? no_evidence("nothing was read")
             : measured(Ratio::of(staleness.stale, staleness.reads), staleness.reads);
}

MeasureValue worst_staleness(const View& view) {
  const Staleness staleness = staleness_of(view);
  return staleness.reads == 0 ? no_evidence("nothing was read")
                              : measured(staleness.worst, staleness.reads);
}

/// Acknowledged writes of which `is_lost` holds.
template <typename IsLost>
MeasureValue lost_writes(const View& view, const IsLost& is_lost) {
  Count lost = 0;
  std::uint64_t all = 0;
  for (const auto& [key, writes] : view.index.acked_writes()) {
    for (const AckedWrite& acked : writes) {
      if (view.window.contains(acked.invoked_at)) {
        ++all;
        lost += is_lost(*acked.write) ? 1U : 0U;
      }
    }
  }
  return all == 0 ? no_evidence("no write was acknowledged") : measured(lost, all);
}

MeasureValue lost_concurrent(const View& view) {
  return lost_writes(view, [&](const AcceptedRecord& write) {
    return !write.is_lost && !view.index.is_replaced(write) &&
           view.index.last_write_to(write.key) != &write;
  });
}

MeasureValue lost_newer(const View& view) {
  return lost_writes(view, [](const AcceptedRecord& write) { return write.is_lost; });
}

/// What the replicas hold, counted by `count`, which rests on all operations.
template <typename Counting>
MeasureValue in_the_end(const View& view, const Counting& count) {
  if (view.record().held.empty()) {
    return no_evidence("the replicas were not looked at in the end");
  }
  if (view.record().accepted.empty()) {
    return no_evidence("no operation was accepted");
  }
  return measured(count(), view.record().accepted.size());
}

MeasureValue lost_acked(const View& view) {
  return in_the_end(view, [&] {
    Count lost = 0;
    for (const ReplicaCallRecord& call : view.record().calls) {
      const bool is_everywhere = std::ranges::all_of(
          view.record().held,
          [&](const HeldRecord& held) { return !call.dot || held.seen.contains(*call.dot); });
      lost += is_everywhere ? 0U : 1U;
    }
    return lost;
  });
}

MeasureValue divergent(const View& view) {
  return in_the_end(view, [&] {
    const std::vector<HeldRecord>& held = view.record().held;
    std::set<std::string> keys;
    std::set<std::string> elements;
    for (const HeldRecord& one : held) {
      for (const auto& [key, dot] : one.registers) {
        keys.insert(key);
      }
      elements.insert(one.elements.begin(), one.elements.end());
    }
    Count divergent = 0;
    for (const std::string& key : keys) {
      const auto dot_on = [&](const HeldRecord& one) {
        const auto found = one.registers.find(key);
        return found == one.registers.end() ? replica::Dot{} : found->second;
      };
      divergent +=
          std::ranges::all_of(
              held, [&](const HeldRecord& one) { return dot_on(one) == dot_on(held.front()); })
              ? 0U
              : 1U;
    }
    for (const std::string& element : elements) {
      divergent += std::ranges::all_of(
                       held, [&](const HeldRecord& one) { return one.elements.contains(element); })
                       ? 0U
                       : 1U;
    }
    return divergent;
  });
}

MeasureValue resurrected(const View& view) {
  return in_the_end(view, [&] {
    std::set<std::string> keys;
    for (const HeldRecord& held : view.record().held) {
      for (const auto& [key, dot] : held.registers) {
        const AcceptedRecord* const last = view.index.last_write_to(key);
        if (last != nullptr && last->kind == replica::OperationKind::erase) {
          keys.insert(key);
        }
      }
    }
    return Count{keys.size()};
  });
}

MeasureValue set_anomalies(const View& view) {
  return in_the_end(view, [&] {
    const std::set<std::string> expected = view.index.elements();
    std::set<std::string> wrong;
    for (const HeldRecord& held : view.record().held) {
      std::ranges::set_symmetric_difference(held.elements, expected,
                                            std::inserter(wrong, wrong.end()));
    }
    return Count{wrong.size()};
  });
}

struct Formula {
  std::string_view name;
  MeasureValue (*measure)(const View&);
};

constexpr std::array kFormulas{
    Formula{"replication.availability", availability},
    Formula{"replication.lag.p50", [](const View& view) { return lag(view, 50); }},
    Formula{"replication.lag.p99", [](const View& view) { return lag(view, 99); }},
    Formula{"replication.stale_reads", stale_reads},
    Formula{"replication.staleness.max", worst_staleness},
    Formula{"replication.lost_concurrent", lost_concurrent},
    Formula{"replication.lost_newer", lost_newer},
    Formula{"replication.refused",
            [](const View& view) {
              return measured(Count{view.record().refused}, view.record().accepted.size());
            }},
    Formula{"replication.lost_acked", lost_acked},
    Formula{"replication.divergent", divergent},
    Formula{"replication.resurrected", resurrected},
    Formula{"replication.set_anomalies", set_anomalies},
};

}  // namespace

MeasureValue replication_measure(const ReplicationIndex& index, std::string_view measure,
                                 TimeWindow window) {
  const auto* const formula = std::ranges::find(kFormulas, measure, &Formula::name);
  check(formula != kFormulas.end(), "this measure of replication is in the catalogue only");
  return formula->measure({index, window});
}

MeasureValue replication_convergence(const ReplicationIndex& index, const FaultGroup& group,
                                     TrueInstant ended_at) {
  if (!group.ended_at) {
    return no_evidence("the fault had not ended when the run did");
  }
  TrueInstant last = *group.ended_at;
  std::uint64_t operations = 0;
  for (const AcceptedRecord& operation : index.record().accepted) {
    if (operation.at >= *group.ended_at) {
      continue;
    }
    ++operations;
    const std::optional<TrueInstant> everywhere = index.everywhere_at(operation.dot);
    if (!everywhere) {
      return censored("an operation had not come everywhere when the run ended", operations,
                      Amount{ended_at - *group.ended_at});
    }
    last = std::max(last, *everywhere);
  }
  return operations == 0 ? no_evidence("no operation was accepted before the fault's end")
                         : measured(last - *group.ended_at, operations);
}

}  // namespace windtunnel::chaos
