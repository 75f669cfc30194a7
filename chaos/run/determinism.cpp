#include "chaos/run/determinism.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "chaos/run/runner.hpp"
#include "chaos/run/wire_names.hpp"

namespace windtunnel::chaos {

namespace {

/// The name behind a wire id, for the messages and facts of this program.
std::string_view type_name(std::uint32_t id) {
  const std::vector<std::string_view> names = wire_names();
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](std::string_view name) { return wire_id(name) == id; });
  return found == names.end() ? std::string_view{} : *found;
}

std::string event_text(const sim::TracedEvent& event, const std::vector<std::string>& host_names) {
  std::string text = fmt::format("{}.{:09} s  {}  {}", event.at_nanoseconds / 1'000'000'000,
                                 event.at_nanoseconds % 1'000'000'000, host_names.at(event.host),
                                 sim::name_of(event.kind));
  const bool has_peer = event.kind == sim::EventKind::message_delivered ||
                        event.kind == sim::EventKind::message_lost ||
                        event.kind == sim::EventKind::message_reset;
  if (has_peer) {
    text += fmt::format(" from {}", host_names.at(event.subject));
  }
  if (event.type != 0) {
    text += fmt::format("  {}, content {:016x}", type_name(event.type), event.content);
  }
  return text;
}

struct TracedRun {
  RunRecord record;
  std::vector<sim::TracedEvent> trace;
};

TracedRun traced_run(const Plan& plan) {
  TracedRun run;
  RunOptions options;
  options.trace = &run.trace;
  run.record = run_plan(plan, options);
  return run;
}

std::string side(const TracedRun& run, std::size_t index) {
  return index < run.trace.size() ? event_text(run.trace[index], run.record.host_names)
                                  : std::string{"(the run had ended)"};
}

}  // namespace

DeterminismCheck check_determinism(const Plan& plan) {
  const TracedRun first = traced_run(plan);
  TracedRun second;
  std::exception_ptr failure;
  std::thread other{[&] {
    try {
      second = traced_run(plan);
    } catch (...) {
      failure = std::current_exception();
    }
  }};
  other.join();
  if (failure) {
    std::rethrow_exception(failure);
  }
  DeterminismCheck check{first.record.digest, second.record.digest, first.trace.size(), {}};
  const std::size_t shorter = std::min(first.trace.size(), second.trace.size());
  const auto differs =
      std::mismatch(first.trace.begin(), first.trace.begin() + static_cast<std::ptrdiff_t>(shorter),
                    second.trace.begin());
  const auto index = static_cast<std::size_t>(differs.first - first.trace.begin());
  if (index < first.trace.size() || index < second.trace.size()) {
    check.difference =
        fmt::format("event {} is the first that differs:\n  first run:  {}\n  second run: {}",
                    index + 1, side(first, index), side(second, index));
  }
  return check;
}

}  // namespace windtunnel::chaos
