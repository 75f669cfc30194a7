// The journal of one live host: a line of JSON per fact, and an observer in the same process.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "runtime/host.hpp"

namespace windtunnel::live {

/// Called at each fact; `fact` points to a value of the described type and is gone afterwards.
using FactObserver =
    std::function<void(WallInstant, const TypeDescription& type, const void* fact)>;

/// `{"at":NANOSECONDS,"host":"NAME","fact":"TYPE","fields":{...}}` on a line. `at` is the wall
/// clock in nanoseconds since the Unix epoch: what the processes of one machine have in common.
[[nodiscard]] std::string fact_line(WallInstant at, std::string_view host,
                                    const TypeDescription& type, const void* fact);

class LiveJournal final : public Journal {
 public:
  /// `lines` may be null and outlives the journal; it is flushed at each fact, so that a process
  /// that is killed has said what it knew.
  LiveJournal(const Host& host, std::ostream* lines, FactObserver observer);

  void append(const TypeDescription& type, const void* fact) override;

 private:
  const Host& host_;
  std::ostream* lines_;
  FactObserver observer_;
};

}  // namespace windtunnel::live
