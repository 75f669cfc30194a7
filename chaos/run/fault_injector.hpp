// Carries out a plan's timeline on a world: binds targets when a fault strikes, imposes and lifts
// it, and records what it touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "chaos/measure/record.hpp"
#include "chaos/run/strike_decision.hpp"
#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/source.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

class FaultInjector {
 public:
  /// All three must outlive it. Strikes that lie after the plan's end do not happen.
  FaultInjector(sim::World& world, const Plan& plan, RunRecord& record);

  /// From now on asks before it strikes, for the timeline entries that are named there. `decisions`
  /// must outlive it.
  void ask(const StrikeDecisions& decisions) { decisions_ = &decisions; }

  /// When the first fault strikes; nothing where the timeline is empty.
  [[nodiscard]] std::optional<TrueInstant> first_strike() const;

  /// Schedules every strike. Not called where a gate was missed.
  void arm();

  /// Ends every fault that lasts: conditions are lifted, paused processes resumed, stopped hosts
  /// started.
  void heal_everything();

  /// Fills in what network conditions touched, once the run is over.
  void settle();

 private:
  /// What one strike left to undo.
  struct Strike {
    std::size_t record = 0;  ///< Index into RunRecord::faults.
    std::vector<sim::ConditionId> conditions;
    std::vector<HostId> stopped;
    std::vector<HostId> paused;
    bool is_over = false;
  };

  void strike(const TimelineEntry& entry, std::uint32_t number);
  /// Strikes as whoever may be asked decides.
  void strike_if_decided(const TimelineEntry& entry, std::uint32_t number);
  [[nodiscard]] StrikeMoment moment_now() const;
  [[nodiscard]] std::vector<HostId> targets_of(const TimelineEntry& entry,
                                               const TargetContext& context) const;
  void inject(Strike& strike, const Crash& fault, const TargetContext& context);
  void inject(Strike& strike, const HostLoss& fault, const TargetContext& context);
  void inject(Strike& strike, const Pause& fault, const TargetContext& context);
  void inject(Strike& strike, const Partition& fault, const TargetContext& context);
  void inject(Strike& strike, const Delay& fault, const TargetContext& context);
  void inject(Strike& strike, const Loss& fault, const TargetContext& context);

  void inject(Strike& strike, const PolicyChange& change, const TargetContext& context);
  void inject(Strike& strike, const Canary& canary, const TargetContext& context);
  void inject(Strike& strike, const Surge& surge, const TargetContext& context);
  void inject(Strike& strike, const SplitChange& change, const TargetContext& context);
  void inject(Strike& strike, const RotateRoot& rotation, const TargetContext& context);
  void inject(Strike& strike, const BundleChange& change, const TargetContext& context);
  /// Makes the change at once where there is no gate, or else where the gate of that host allows
  /// it; otherwise notes why not.
  void make_if_allowed(const Strike& strike, HostId at, Json change, std::function<void()> make,
                       std::function<void(const std::string& why)> note_denied);
  [[nodiscard]] std::optional<HostId> ask_for(Strike& strike,
                                              const std::vector<proxy::RoutePolicy>& routes);
  /// Of documents that the control plane is given: to be called with the revision of each.
  [[nodiscard]] std::function<void(std::uint64_t)> note_committed(std::size_t documents);

  void stop(Strike& strike, HostId host, void (sim::SimulatedHost::*how)());
  void end_later(Strike& strike, std::optional<Duration> after);
  void end(Strike& strike);
  void impose(Strike& strike, const std::vector<HostId>& from, const std::vector<HostId>& to,
              Direction direction, sim::Effect effect);
  void impose_on_links(Strike& strike, const LinkSet& links, const TargetContext& context,
                       const sim::Effect& effect);
  void touch(Strike& strike);
  [[nodiscard]] TargetContext context_now(const TimelineEntry& entry, std::uint32_t number) const;
  [[nodiscard]] std::optional<HostId> leader_now() const;
  /// A host of the control plane that an operator could use.
  [[nodiscard]] std::optional<HostId> member_up() const;
  [[nodiscard]] std::string detail_of(const TimelineEntry& entry,
                                      const std::vector<HostId>& targets) const;
  [[nodiscard]] std::vector<HostId> all_but(const std::vector<HostId>& hosts) const;
  [[nodiscard]] FaultRecord& record_of(const Strike& strike) {
    return record_.faults[strike.record];
  }

  sim::World& world_;
  const Plan& plan_;
  RunRecord& record_;
  const StrikeDecisions* decisions_ = nullptr;
  HostDirectory directory_;
  std::deque<Strike> strikes_;  // Addresses are what scheduled ends hold.
  std::vector<std::uint32_t> pauses_of_host_;
  std::string purpose_;
  std::optional<Duration> lasts_;  // Of the entry that strikes.
  gate::Document review_;          // So is this.
  std::uint32_t next_load_;
};

}  // namespace windtunnel::chaos
