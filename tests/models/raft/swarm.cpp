#include "tests/models/raft/swarm.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/check.hpp"
#include "runtime/random.hpp"
#include "tests/models/raft/cluster.hpp"

namespace windtunnel::raft {

namespace {

/// The mix of one seed: how often each thing happens, relative to the others.
struct Mix {
  std::uint64_t deliver;
  std::uint64_t drop;
  std::uint64_t duplicate;
  std::uint64_t tick;
  std::uint64_t propose;
  std::uint64_t read;
  std::uint64_t write;
  std::uint64_t stall;
  std::uint64_t apply;
  std::uint64_t campaign;
  std::uint64_t transfer;
  std::uint64_t crash;
  std::uint64_t restart;
  std::uint64_t partition;
};

class Swarm {
 public:
  explicit Swarm(std::uint64_t seed)
      : rng_(seed, "raft.swarm"), cluster_(draw_options(seed)), mix_(draw_mix()) {}

  SwarmRun run() {
    try {
      for (std::uint64_t step = 0; step < kSteps && !failed(); ++step) {
        act();
      }
      if (!failed()) {
        heal_and_converge();
      }
    } catch (const ProgrammingError& error) {
      // A core that finds its own invariant broken is a find like any other.
      breach("raft.check", HostId{}, error.what());
    }
    if (!run_.breach) {
      run_.breach = cluster_.breach();
    }
    for (const auto& [host, fact] : cluster_.facts()) {
      run_.elections += std::holds_alternative<LeaderElected>(fact) ? 1U : 0U;
    }
    return std::move(run_);
  }

 private:
  static constexpr std::uint64_t kSteps = 10'000;

  [[nodiscard]] bool failed() const { return run_.breach || cluster_.breach(); }
  void breach(std::string invariant, HostId host, std::string what) {
    if (!run_.breach) {
      run_.breach = Breach{std::move(invariant), host, std::move(what)};
    }
  }
  bool flip() { return rng_.below(2) == 0; }
  template <typename T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + rng_.below(choices.size()));
  }

  std::vector<Options> draw_options(std::uint64_t seed) {
    const auto size = one_of<std::uint32_t>({3, 3, 5});
    Options common{.timeouts = {seed, ""}, .election_ticks = one_of({3U, 10U})};
    common.pre_vote = flip();
    common.check_quorum = flip();
    common.max_entries_per_append = one_of<std::uint64_t>({1, 1, 2, 100});
    common.max_entries_per_apply = one_of<std::uint64_t>({1, 3, 100});
    common.inflight_max = one_of({1U, 2U, 16U});
    return options_for(size, common, seed);
  }

  Mix draw_mix() {
    return {.deliver = 200,
            .drop = one_of<std::uint64_t>({0, 5, 60}),
            .duplicate = one_of<std::uint64_t>({0, 10}),
            .tick = one_of<std::uint64_t>({15, 40}),
            .propose = one_of<std::uint64_t>({4, 15}),
            .read = 4,
            .write = one_of<std::uint64_t>({20, 60, 200}),
            .stall = one_of<std::uint64_t>({0, 2, 8}),
            .apply = one_of<std::uint64_t>({20, 100}),
            .campaign = one_of<std::uint64_t>({0, 1, 5}),
            .transfer = one_of<std::uint64_t>({0, 1}),
            .crash = one_of<std::uint64_t>({0, 1, 4}),
            .restart = one_of<std::uint64_t>({4, 15}),
            .partition = one_of<std::uint64_t>({0, 1})};
  }

  std::size_t any_node() { return static_cast<std::size_t>(rng_.below(cluster_.size())); }
  bool takes(std::uint64_t& ticket, std::uint64_t share) {
    if (ticket < share) {
      return true;
    }
    ticket -= share;
    return false;
  }

  void act() {
    const std::uint64_t total = mix_.deliver + mix_.drop + mix_.duplicate + mix_.tick +
                                mix_.propose + mix_.read + mix_.write + mix_.stall + mix_.apply +
                                mix_.campaign + mix_.transfer + mix_.crash + mix_.restart +
                                mix_.partition;
    std::uint64_t ticket = rng_.below(total);
    if (takes(ticket, mix_.deliver)) {
      take_message(Fate::deliver);
    } else if (takes(ticket, mix_.drop)) {
      take_message(Fate::drop);
    } else if (takes(ticket, mix_.duplicate)) {
      take_message(Fate::duplicate);
    } else if (takes(ticket, mix_.restart)) {
      restart(any_node());
    } else if (takes(ticket, mix_.partition)) {
      partition();
    } else if (takes(ticket, mix_.stall)) {
      stall();
    } else if (const std::size_t n = any_node(); cluster_.is_up(n)) {
      act_on(n, ticket);
    }
  }

  void act_on(std::size_t n, std::uint64_t ticket) {
    if (takes(ticket, mix_.tick)) {
      cluster_.tick(n);
    } else if (takes(ticket, mix_.propose)) {
      propose(n);
    } else if (takes(ticket, mix_.read)) {
      read(n);
    } else if (takes(ticket, mix_.write)) {
      if (n != stalled_) {
        cluster_.complete_write(n);
      }
    } else if (takes(ticket, mix_.apply)) {
      cluster_.complete_apply(n);
    } else if (takes(ticket, mix_.campaign)) {
      cluster_.campaign(n);
    } else if (takes(ticket, mix_.transfer)) {
      cluster_.transfer_leadership(n, HostId{static_cast<std::uint32_t>(any_node())});
    } else {
      ++run_.crashes;
      cluster_.crash(n, static_cast<std::size_t>(rng_.below(3)));
    }
    collect(n);
  }

  enum class Fate : std::uint8_t { deliver, drop, duplicate };

  void take_message(Fate fate) {
    std::vector<Message>& network = cluster_.network();
    if (network.empty()) {
      return;
    }
    // Mostly in order, sometimes from anywhere in the bag.
    const auto at = static_cast<std::size_t>(
        rng_.below(4) == 0 ? rng_.below(network.size())
                           : rng_.below(std::min<std::size_t>(network.size(), 4)));
    Message message = network[at];
    if (fate == Fate::duplicate) {
      network.push_back(std::move(message));
      return;
    }
    network.erase(network.begin() + static_cast<std::ptrdiff_t>(at));
    const std::size_t to = message.to.value();
    if (fate == Fate::drop || is_cut(message.from.value(), to)) {
      return;
    }
    cluster_.deliver(std::move(message));
    collect(to);
  }

  [[nodiscard]] bool is_cut(std::size_t a, std::size_t b) const {
    return ((side_ >> a) & 1U) != ((side_ >> b) & 1U);
  }
  void partition() { side_ = flip() ? 0 : rng_.below(std::uint64_t{1} << cluster_.size()); }

  /// A disk hangs for a while; often enough the end of it is that the machine is switched off and
  /// on.
  void stall() {
    if (!stalled_) {
      stalled_ = any_node();
      return;
    }
    const std::size_t n = *std::exchange(stalled_, std::nullopt);
    if (cluster_.is_up(n) && flip()) {
      ++run_.crashes;
      cluster_.crash(n, 0);
      collect(n);
      restart(n);
    }
  }

  void restart(std::size_t n) {
    if (!cluster_.is_up(n)) {
      cluster_.restart(n);
      collect(n);
    }
  }

  void propose(std::size_t n) {
    const std::string data = "p" + std::to_string(proposed_++);
    const Proposal proposal = cluster_.propose(n, SharedBytes{data});
    if (proposal.outcome == ProposalOutcome::accepted) {
      waiting_[n].push_back({proposal.last, data});
    }
  }

  void read(std::size_t n) {
    const std::uint64_t context = asked_.size();
    asked_.push_back(committed_anywhere());
    cluster_.read_index(n, context);
  }

  /// The furthest commit that any leader knew of by now: what a linearizable read must see.
  Index committed_anywhere() {
    const auto& facts = cluster_.facts();
    for (; facts_seen_ < facts.size(); ++facts_seen_) {
      if (const auto* commit = std::get_if<CommitAdvanced>(&facts[facts_seen_].second)) {
        committed_ = std::max(committed_, commit->index);
      }
    }
    return committed_;
  }

  /// Looks at what the last action brought: acknowledged proposals of node n, and answered reads.
  void collect(std::size_t n) {
    if (!cluster_.is_up(n)) {
      waiting_[n].clear();
    }
    const std::vector<Entry>& applied = cluster_.node(n).applied;
    auto& waiting = waiting_[n];
    while (!waiting.empty() && waiting.front().at.index.value() <= applied.size()) {
      const Waiting& proposal = waiting.front();
      if (applied[static_cast<std::size_t>(proposal.at.index.value() - 1)].id() == proposal.at) {
        acknowledged_.push_back(proposal);
        ++run_.acknowledged;
      }
      waiting.erase(waiting.begin());
    }
    for (const ReadState& read : cluster_.take_read_states()) {
      ++run_.reads;
      if (read.index < asked_[static_cast<std::size_t>(read.context)]) {
        breach("raft.linearizable_read", HostId{static_cast<std::uint32_t>(n)},
               "a read was answered with an index below what was committed when it was asked");
      }
    }
  }

  void heal_and_converge() {
    side_ = 0;
    stalled_.reset();
    for (std::size_t n = 0; n < cluster_.size(); ++n) {
      restart(n);
    }
    // The worst case is a split vote each time; timeouts are redrawn, so a few dozen rounds are
    // ample.
    std::optional<Proposal> last;
    for (int round = 0; round < 600 && !failed(); ++round) {
      for (std::size_t n = 0; n < cluster_.size(); ++n) {
        cluster_.tick(n);
        cluster_.settle();
      }
      if (const auto leader = cluster_.leader(); leader && round % 100 == 50) {
        last = cluster_.propose(*leader, SharedBytes{"last"});
      }
    }
    if (failed()) {
      return;
    }
    if (!cluster_.leader() || !last || last->outcome != ProposalOutcome::accepted) {
      breach("raft.convergence", HostId{}, "no leader takes proposals after healing");
      return;
    }
    expect_equal_nodes(last->last);
  }

  void expect_equal_nodes(EntryId last) {
    const std::vector<Entry>& first = cluster_.node(0).applied;
    if (first.empty() || first.back().id() != last) {
      breach("raft.convergence", HostId{}, "the last proposal is not applied after healing");
      return;
    }
    for (std::size_t n = 0; n < cluster_.size(); ++n) {
      const HostId host{static_cast<std::uint32_t>(n)};
      if (cluster_.node(n).applied != first) {
        breach("raft.convergence", host, "applied something else than host 0 after healing");
      }
      if (cluster_.node(n).storage.durable.entries != first) {
        breach("raft.convergence", host, "the durable log is not what is applied after healing");
      }
    }
    for (const Waiting& proposal : acknowledged_) {
      const auto slot = static_cast<std::size_t>(proposal.at.index.value() - 1);
      if (slot >= first.size() || first[slot].data.view() != proposal.data) {
        breach("raft.acknowledged_is_kept", HostId{}, proposal.data + " was acknowledged and lost");
      }
    }
  }

  struct Waiting {
    EntryId at;
    std::string data;
  };

  RandomStream rng_;
  Cluster cluster_;
  Mix mix_;
  std::optional<std::size_t> stalled_;  ///< The node whose disk hangs.
  SwarmRun run_;
  std::uint64_t side_ = 0;  ///< One bit for each node; equal bits can talk.
  std::uint64_t proposed_ = 0;
  std::map<std::size_t, std::vector<Waiting>> waiting_;
  std::vector<Waiting> acknowledged_;
  std::vector<Index> asked_;  ///< By read context.
  std::size_t facts_seen_ = 0;
  Index committed_;
};

}  // namespace

SwarmRun run_swarm(std::uint64_t seed) {
  return Swarm{seed}.run();
}

}  // namespace windtunnel::raft
