#include "chaos/report/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "chaos/measure/amount.hpp"
#include "chaos/measure/endpoint_measures.hpp"
#include "chaos/measure/gossip_measures.hpp"
#include "chaos/measure/policy_measures.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::string_view indent = "  ";
constexpr int bar_columns_max = 48;
constexpr int columns_beside_bar = 52;

std::string instant_text(TrueInstant at) {
  return fmt::format("{:.3f} s", seconds_of(at.time_since_epoch()));
}

std::string offset_text(Duration offset) {
  return fmt::format("{:+.3f} s", seconds_of(offset));
}

std::string heading(std::string_view text, const Style& style) {
  return "\n" + paint(text, Ink::bold, style) + "\n";
}

std::string host_name(const RunRecord& record, HostId host) {
  const std::size_t number = host.value();
  return number < record.host_names.size() ? record.host_names[number]
                                           : fmt::format("host {}", number);
}

std::string header(const RunRecord& record, const Style& style) {
  const double simulated = seconds_of(record.ended_at.time_since_epoch());
  std::string text = paint(record.scenario, Ink::bold, style) + "\n";
  text += fmt::format("{}seed {}, digest {}\n", indent, record.seed, record.digest);
  text += fmt::format("{}{} simulated", indent, amount_text(record.ended_at.time_since_epoch()));
  if (record.wall_seconds > 0) {
    text += fmt::format(" in {:.2f} s ({:.0f} × real time)", record.wall_seconds,
                        simulated / record.wall_seconds);
  }
  return text + fmt::format(", {} events, {} messages\n", record.events, record.messages);
}

/// One line below a fault: what followed, when, and how long after it.
struct Sequel {
  std::string what;
  TrueInstant at;
  std::string detail;
};

/// A change of policy on its way: commit, and the shares of the proxies that it has reached.
template <typename Add>
void add_policy_sequels(const FaultGroup& group, const RunRecord& record, const Add& add) {
  const auto change = std::ranges::find(record.policy_changes, group.id, &PolicyChangeRecord::id);
  if (change == record.policy_changes.end() || !change->committed_at) {
    return;
  }
  add("committed", *change->committed_at, fmt::format("revision {}", change->revision));
  for (const auto& [measure, whom] :
       {std::pair{"policy.convergence.p50", "half of the proxies enforce it"},
        std::pair{"policy.convergence.max", "all proxies enforce it"}}) {
    const MeasureValue value = policy_measure(record, measure, group.id);
    if (const Amount* const amount = value.amount()) {
      add("converged", *change->committed_at + std::get<Duration>(*amount), whom);
    }
  }
}

/// Lost instances on their way out of the registry and of the proxies.
template <typename Add>
void add_endpoint_sequels(const FaultGroup& group, const RunRecord& record, const Add& add) {
  for (const auto& [measure, what, whom] :
       {std::tuple{"endpoints.convergence.expire", "expired", "the registry has none of them"},
        std::tuple{"endpoints.convergence.p50", "dropped", "by half of the proxies that call them"},
        std::tuple{"endpoints.convergence.max", "dropped", "by all of them"}}) {
    const MeasureValue value = endpoint_measure(record, measure, group);
    if (const Amount* const amount = value.amount()) {
      add(what, group.injected_at + std::get<Duration>(*amount), whom);
    }
  }
  const MeasureValue back = endpoint_measure(record, "endpoints.enrolment", group);
  if (const Amount* const amount = back.amount()) {
    add("registered", *group.ended_at + std::get<Duration>(*amount), "again, all that were struck");
  }
}

/// Each step of a rollout, and its end.
template <typename Add>
void add_rollout_sequels(const FaultGroup& group, const RunRecord& record, const Add& add) {
  const auto asked = std::ranges::find(record.rollouts, group.id, &RolloutAskedRecord::id);
  if (asked == record.rollouts.end() || asked->denied) {
    return;
  }
  double weight = 0;
  for (const RolloutMoveRecord& move : record.rollout_moves) {
    if (move.service != asked->service || move.at < asked->asked_at) {
      continue;
    }
    constexpr std::array kEnds{"", "promoted", "aborted", "paused"};
    if (move.outcome != RolloutOutcome::progressing) {
      add(kEnds[static_cast<std::size_t>(move.outcome)], move.at, move.cause);
      return;
    }
    if (move.weight != weight) {
      weight = move.weight;
      add("step", move.at,
          fmt::format("{} to version {}", number_text(weight, Unit::ratio), move.version));
    }
  }
}

/// Members of a gossiping group find out who is gone.
template <typename Add>
void add_gossip_sequels(const FaultGroup& group, const RunRecord& record, const Add& add) {
  for (const auto& [measure, whom] :
       {std::pair{"gossip.detection.first", "dead, by the first member of the group"},
        std::pair{"gossip.detection.max", "dead, by all of them"}}) {
    const MeasureValue value = gossip_measure(record, measure, group);
    if (const Amount* const amount = value.amount()) {
      add("found", group.injected_at + std::get<Duration>(*amount), whom);
    }
  }
}

/// Virtual addresses that are taken and yielded, the first few.
template <typename Add>
void add_address_sequels(const FaultGroup& group, const RunRecord& record, const Add& add) {
  constexpr int kShown = 8;
  int shown = 0;
  for (const AddressRecord& change : record.addresses) {
    if (group.window.contains(change.at) && shown++ < kShown) {
      add(change.is_held ? "taken" : "yielded", change.at,
          fmt::format("the address of {}, by {}", change.address, host_name(record, change.host)));
    }
  }
}

std::vector<Sequel> sequels_of(const FaultMeasures& fault, const RunRecord& record) {
  std::vector<Sequel> sequels;
  const Succession& s = fault.succession;
  const auto add = [&](std::string what, TrueInstant at, std::string detail) {
    sequels.push_back({std::move(what), at, std::move(detail)});
  };
  if (fault.group.effective_at) {
    add("took effect", *fault.group.effective_at, fmt::format("touched {}", fault.group.touched));
  }
  if (s.first_candidacy) {
    add("detected", s.first_candidacy->at,
        fmt::format("{} {} term {}", host_name(record, s.first_candidacy->host),
                    s.first_candidacy->pre_vote ? "asked to stand for" : "stood for",
                    s.first_candidacy->term));
  }
  if (s.new_leader) {
    add("elected", s.new_leader->at,
        fmt::format("{}, term {}", host_name(record, s.new_leader->host), s.new_leader->term));
  }
  if (s.first_new_commit) {
    add("first commit", *s.first_new_commit, "of the new term");
  }
  if (fault.first_success_at) {
    add("first success", *fault.first_success_at, "of an operation invoked after the fault");
  }
  if (const Amount* recovery = fault.recovery_time.amount()) {
    add("restored", fault.group.injected_at + std::get<Duration>(*recovery),
        "what is invoked from here on is good again");
  }
  if (fault.group.ended_at) {
    add("fault ended", *fault.group.ended_at, "");
  }
  add_policy_sequels(fault.group, record, add);
  add_endpoint_sequels(fault.group, record, add);
  add_rollout_sequels(fault.group, record, add);
  add_gossip_sequels(fault.group, record, add);
  add_address_sequels(fault.group, record, add);
  std::ranges::stable_sort(sequels, {}, &Sequel::at);
  return sequels;
}

std::string timeline(const RunRecord& record, const Judgement& judgement, const Style& style) {
  if (judgement.faults.empty()) {
    return heading("Timeline", style) + "  no fault was injected\n";
  }
  TextTable table{{Align::right, Align::right, Align::left, Align::left}};
  for (const FaultMeasures& fault : judgement.faults) {
    const FaultGroup& group = fault.group;
    const std::string detail = group.detail.empty() ? group.kind : group.detail;
    const std::string repeats = group.strikes.size() > 1
                                    ? fmt::format(", the first of {} strikes", group.strikes.size())
                                    : "";
    table.add(
        {instant_text(group.injected_at), "", paint(group.id, Ink::bold, style), detail + repeats});
    for (const Sequel& sequel : sequels_of(fault, record)) {
      table.add({instant_text(sequel.at), offset_text(sequel.at - group.injected_at), sequel.what,
                 sequel.detail});
    }
    if (fault.recovery_time.amount() == nullptr && !record.operations.empty()) {
      table.add({"", "", "not restored", why_absent(fault.recovery_time)});
    }
  }
  return heading("Timeline", style) + table.text(indent);
}

/// Whole microseconds since the fault, rounded once: their differences add up to the rounded total.
std::int64_t microseconds(Duration since_fault) {
  return static_cast<std::int64_t>(std::llround(static_cast<double>(since_fault.count()) / 1e3));
}

std::string milliseconds_text(std::int64_t microseconds) {
  return fmt::format("{}.{:03} ms", microseconds / 1000, microseconds % 1000);
}

std::string chain_text(const FaultMeasures& fault, const Style& style) {
  const int columns = std::clamp(style.width - columns_beside_bar, 8, bar_columns_max);
  const std::int64_t total = microseconds(fault.chain.total());
  TextTable table{{Align::left, Align::right, Align::right, Align::left, Align::left}};
  Duration since_fault{};
  for (const ChainPart& part : fault.chain.parts) {
    const std::int64_t before = microseconds(since_fault);
    since_fault += part.length;
    const std::int64_t length = microseconds(since_fault) - before;
    const double share = total == 0 ? 0 : static_cast<double>(length) / static_cast<double>(total);
    table.add({std::string{part.name}, milliseconds_text(length),
               fmt::format("{:.1f} %", share * 100), bar(share, columns),
               part.note == ChainNote::complete ? "" : std::string{to_string(part.note)}});
  }
  table.add({"total", milliseconds_text(total)});
  const std::string title =
      fault.chain.recovered
          ? fmt::format("Recovery of {}", fault.group.id)
          : fmt::format("No recovery of {} seen; until its window closed", fault.group.id);
  return heading(title, style) + table.text(indent);
}

std::string cell(const Judgement& judgement, std::string_view measure, std::string_view window) {
  const MeasureValue* value = judgement.table.find(measure, window);
  return value == nullptr ? "—" : to_text(*value);
}

std::string service(const Judgement& judgement, const Style& style) {
  TextTable table{{Align::left, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right}};
  table.add({"", "availability", "write p50", "p99", "max", "outage", "unknown fate"});
  const auto add = [&](const std::string& name, std::string_view window) {
    table.add({name, cell(judgement, "control_plane.availability", window),
               cell(judgement, "control_plane.write_latency.p50", window),
               cell(judgement, "control_plane.write_latency.p99", window),
               cell(judgement, "control_plane.write_latency.max", window),
               cell(judgement, "control_plane.outage", window),
               cell(judgement, "control_plane.indeterminate", window)});
  };
  add("whole run", "");
  for (const FaultMeasures& fault : judgement.faults) {
    add("after " + fault.group.id, fault.group.id);
  }
  std::string text = heading("Service", style) + table.text(indent);
  if (judgement.baseline) {
    text += fmt::format("{}baseline {}, the largest p99 of a window in {}\n", indent,
                        amount_text(*judgement.baseline), to_text(judgement.steady));
  }
  return text;
}

/// One table for each service that somebody asked.
std::string data_plane(const RunRecord& record, const Judgement& judgement, const Style& style) {
  std::string text;
  for (const ServiceRecord& asked : record.services) {
    if (asked.requests.empty()) {
      continue;
    }
    TextTable table{{Align::left, Align::right, Align::right, Align::right, Align::right,
                     Align::right, Align::right, Align::right}};
    table.add({"", "availability", "p50", "p99", "max", "outage", "attempts", "recovery"});
    const auto add = [&](const std::string& name, std::string_view window) {
      const auto measure = [&](std::string_view what) {
        return cell(judgement, asked.name + "." + std::string{what}, window);
      };
      table.add({name, measure("availability"), measure("latency.p50"), measure("latency.p99"),
                 measure("latency.max"), measure("outage"), measure("attempts"),
                 window.empty() ? "" : measure("recovery_time")});
    };
    add("whole run", "");
    for (const FaultMeasures& fault : judgement.faults) {
      add("after " + fault.group.id, fault.group.id);
    }
    text += heading("Service " + asked.name, style) + table.text(indent);
  }
  return text;
}

std::string replication(const RunRecord& record, const Judgement& judgement, const Style& style) {
  if (!record.replication) {
    return "";
  }
  constexpr std::array kColumns{"availability", "lag.p50",         "lag.p99",
                                "stale_reads",  "lost_concurrent", "lost_newer"};
  TextTable table{{Align::left, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right}};
  table.add({"", "availability", "lag p50", "p99", "stale reads", "lost: concurrent", "newer"});
  const auto add = [&](const std::string& name, std::string_view window) {
    std::vector<std::string> row{name};
    for (const std::string_view column : kColumns) {
      row.push_back(cell(judgement, "replication." + std::string{column}, window));
    }
    table.add(std::move(row));
  };
  add("whole run", "");
  for (const FaultMeasures& fault : judgement.faults) {
    add("after " + fault.group.id, fault.group.id);
  }
  return heading("Replication", style) + table.text(indent);
}

std::string expectations(const Judgement& judgement, const Style& style) {
  TextTable table{{Align::left, Align::left, Align::right, Align::left, Align::left, Align::left}};
  for (const Evaluation& evaluation : judgement.evaluations) {
    const std::string kind = evaluation.expectation.kind == ExpectationKind::objective
                                 ? ""
                                 : std::string{to_string(evaluation.expectation.kind)};
    std::string window = kind.empty() ? "" : kind + ", ";
    window += evaluation.window ? to_text(*evaluation.window) : "no window";
    table.add({paint(mark_of(evaluation.verdict), ink_of(evaluation.verdict), style),
               evaluation.name, to_text(evaluation.observed), evaluation.bound_text(),
               fmt::format("n {}", evaluation.observed.n), std::move(window)});
  }
  return judgement.evaluations.empty() ? "" : heading("Expectations", style) + table.text(indent);
}

std::string conclusion(const Judgement& judgement, std::string_view replay, const Style& style) {
  std::string text =
      "\nVerdict: " + paint(to_string(judgement.verdict), ink_of(judgement.verdict), style) + "\n";
  for (const std::string& reason : reasons_of(judgement)) {
    text += fmt::format("{}{}\n", indent, reason);
  }
  if (judgement.verdict != Verdict::pass && !replay.empty()) {
    text += fmt::format("Replay:  {}\n", replay);
  }
  return text;
}

bool is_plain_in_a_shell(char byte) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  const bool digit = byte >= '0' && byte <= '9';
  return letter || digit || std::string_view{"/._-+=:,@%"}.find(byte) != std::string_view::npos;
}

std::string shell_quoted(std::string_view word) {
  if (!word.empty() && std::ranges::all_of(word, is_plain_in_a_shell)) {
    return std::string{word};
  }
  std::string quoted = "'";
  for (const char byte : word) {
    quoted += byte == '\'' ? "'\\''" : std::string(1, byte);
  }
  return quoted + "'";
}

}  // namespace

std::string replay_command(std::string_view scenario_file, std::uint64_t seed) {
  return fmt::format("windtunnel run {} --seed {}", shell_quoted(scenario_file), seed);
}

std::string run_report(const RunRecord& record, const Judgement& judgement, std::string_view replay,
                       const Style& style) {
  std::string text = header(record, style) + timeline(record, judgement, style);
  if (!record.operations.empty() || (record.services.empty() && !record.replication)) {
    for (const FaultMeasures& fault : judgement.faults) {
      text += chain_text(fault, style);
    }
    text += service(judgement, style);
  }
  text += data_plane(record, judgement, style);
  text += replication(record, judgement, style);
  text += expectations(judgement, style);
  return text + conclusion(judgement, replay, style);
}

}  // namespace windtunnel::chaos
