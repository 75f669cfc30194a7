// Rotations in a small world, all of it: every order of the steps, and every interleaving of what
// the controller, the authority, the pushes and the workloads do.
#include "models/identity/rotation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "models/identity/verify.hpp"

namespace windtunnel::identity {
namespace {

constexpr int kNothing = -1;
constexpr KeyId kOld{1};
constexpr KeyId kNew{2};

/// One workload, and what is on its way to it. Versions count the trust documents.
struct Proxy {
  int held = kNothing;       ///< Version of the trust.
  int leaf = kNothing;       ///< Key that signed its certificate.
  int asked = kNothing;      ///< Key under which the authority has recorded it, before it answers.
  int answer = kNothing;     ///< Version of the trust in an answer under way.
  bool is_recorded = false;  ///< Whether the controller waits for it.
  int said_held = kNothing;  ///< As of its last report.
  int said_leaf = kNothing;
  bool may_restart = false;
  auto operator<=>(const Proxy&) const = default;
};

struct State {
  int version = 0;
  std::uint32_t finished = 0;
  std::vector<Proxy> proxies;
  auto operator<=>(const State&) const = default;
};

/// How the world differs from the one that is built.
struct Twist {
  bool records_first = true;       ///< Nobody is given a certificate that is not waited for.
  bool reads_afterwards = true;    ///< And none of a root that does not sign any more.
  bool answers_with_trust = true;  ///< A certificate comes with whom to trust.
};

Certificate certificate_of(int issuer) {
  Certificate leaf;
  leaf.subject = "spiffe://here/shop";
  leaf.key = KeyId{9};
  leaf.issuer = KeyId{static_cast<std::uint64_t>(issuer)};
  leaf.not_after = WallInstant::max();
  return leaf;
}

class Explorer {
 public:
  Explorer(RotationSpec spec, Twist twist) : twist_(twist) {
    rotation_.spec = std::move(spec);
    rotation_.old_root = kOld;
    rotation_.new_root = first_trust("here").roots.front();
    rotation_.new_root.key = kNew;
    rotation_.new_root.issuer = kNew;
    trusts_.push_back(first_trust("here"));
    for (RotationRecord step = rotation_; !step.is_over(); ++step.finished) {
      trusts_.push_back(after_step(step, trusts_.back()));
    }
  }

  /// From one state on, to all that can follow. Returns how many handshakes between two valid peers
  /// can fail.
  std::uint64_t failures_from(const State& first) {
    visit(first);
    while (!todo_.empty()) {
      const State state = *todo_.front();
      todo_.pop_front();
      is_finished_ |= state.finished == rotation_.spec.steps.size();
      judge(state);
      control(state);
      for (std::size_t i = 0; i < state.proxies.size(); ++i) {
        move(state, i);
      }
    }
    return failures_;
  }
  [[nodiscard]] std::size_t states() const { return seen_.size(); }
  [[nodiscard]] bool is_ever_finished() const { return is_finished_; }

 private:
  void visit(State state) {
    const auto [at, is_new] = seen_.insert(std::move(state));
    if (is_new) {
      todo_.push_back(&*at);
    }
  }

  [[nodiscard]] const Trust& trust(int version) const {
    return trusts_[static_cast<std::size_t>(version)];
  }
  [[nodiscard]] int issuer_at(int version) const {
    return static_cast<int>(trust(version).issuer.value());
  }

  void judge(const State& state) {
    for (const Proxy& client : state.proxies) {
      for (const Proxy& server : state.proxies) {
        if (&client != &server && client.leaf != kNothing && server.leaf != kNothing) {
          const auto& roots =
              client.held == kNothing ? std::vector<Certificate>{} : trust(client.held).roots;
          const Flaw flaw = flaw_of({certificate_of(server.leaf)}, roots, WallInstant{});
          failures_ += flaw == Flaw::none ? 0U : 1U;
        }
      }
    }
  }

  /// What the controller, which sees all that is committed, may do.
  void control(const State& state) {
    if (state.finished == rotation_.spec.steps.size()) {
      return;
    }
    State next = state;
    if (state.version == static_cast<int>(state.finished)) {
      ++next.version;
      visit(std::move(next));
      return;
    }
    RotationRecord now = rotation_;
    now.finished = state.finished;
    const bool has_all = std::ranges::all_of(state.proxies, [&](const Proxy& proxy) {
      return !proxy.is_recorded || has_followed(now, said_by(proxy));
    });
    if (has_all || rotation_.spec.wait == RotationWait::for_nobody) {
      ++next.finished;
      visit(std::move(next));
    }
  }

  [[nodiscard]] std::optional<WorkloadState> said_by(const Proxy& proxy) const {
    WorkloadState said;
    if (proxy.said_held != kNothing) {
      for (const Certificate& root : trust(proxy.said_held).roots) {
        said.trusted.push_back(root.key);
      }
    }
    if (proxy.said_leaf != kNothing) {
      said.issuer = KeyId{static_cast<std::uint64_t>(proxy.said_leaf)};
    }
    return said;
  }

  /// What may happen to one proxy next: everything in turn.
  void move(const State& state, std::size_t i) {
    const auto with = [&](const auto& change) {
      State next = state;
      change(next.proxies[i]);
      visit(std::move(next));
    };
    const Proxy& now = state.proxies[i];
    // A node pushes what it knows, which may be old; versions only rise.
    for (int version = now.held + 1; version <= state.version; ++version) {
      with([&](Proxy& proxy) { proxy.held = version; });
    }
    ask(state, now, with);
    if (now.answer != kNothing) {
      with([&](Proxy& proxy) {
        proxy.leaf = issuer_at(proxy.answer);
        if (twist_.answers_with_trust) {
          proxy.held = std::max(proxy.held, proxy.answer);
        }
        proxy.answer = kNothing;
      });
      with([](Proxy& proxy) { proxy.answer = kNothing; });  // It comes too late.
    }
    with([](Proxy& proxy) {
      proxy.said_held = proxy.held;
      proxy.said_leaf = proxy.leaf;
    });
    if (now.may_restart) {
      with([](Proxy& proxy) {
        proxy.held = proxy.leaf = proxy.asked = proxy.answer = kNothing;
        proxy.may_restart = false;
      });
    }
  }

  template <typename With>
  void ask(const State& state, const Proxy& now, const With& with) {
    if (now.asked == kNothing && now.answer == kNothing) {
      // Any node may sign, by what it knows.
      for (int version = 0; version <= state.version; ++version) {
        with([&](Proxy& proxy) {
          proxy.asked = issuer_at(version);
          proxy.is_recorded |= twist_.records_first;
        });
      }
    } else if (now.asked != kNothing) {
      with([&](Proxy& proxy) {
        if (!twist_.reads_afterwards || proxy.asked == issuer_at(state.version)) {
          proxy.answer = twist_.reads_afterwards ? state.version : oldest_with(proxy.asked);
          proxy.asked = kNothing;
        } else {
          proxy.asked = issuer_at(state.version);
        }
      });
    }
  }

  [[nodiscard]] int oldest_with(int issuer) const {
    int version = 0;
    while (issuer_at(version) != issuer) {
      ++version;
    }
    return version;
  }

  Twist twist_;
  RotationRecord rotation_;
  std::vector<Trust> trusts_;
  std::set<State> seen_;
  std::deque<const State*> todo_;
  std::uint64_t failures_ = 0;
  bool is_finished_ = false;
};

/// So many workloads with certificates of the old root, and one that starts meanwhile.
State beginning(std::size_t settled, bool may_restart) {
  State state;
  for (std::size_t i = 0; i < settled; ++i) {
    Proxy proxy;
    proxy.held = proxy.said_held = 0;
    proxy.leaf = proxy.said_leaf = static_cast<int>(kOld.value());
    proxy.is_recorded = true;
    proxy.may_restart = may_restart && i == 0;
    state.proxies.push_back(proxy);
  }
  state.proxies.emplace_back();
  return state;
}

struct Result {
  std::uint64_t failures = 0;
  std::size_t states = 0;
  bool is_finished = false;
};

Result explore(const RotationSpec& spec, const State& first, Twist twist = {}) {
  Explorer explorer{spec, twist};
  Result result;
  result.failures = explorer.failures_from(first);
  result.states = explorer.states();
  result.is_finished = explorer.is_ever_finished();
  return result;
}

std::vector<std::vector<RotationStep>> all_orders() {
  std::vector<RotationStep> steps{RotationStep::add, RotationStep::switch_issuer,
                                  RotationStep::drop};
  std::vector<std::vector<RotationStep>> orders;
  do {
    orders.push_back(steps);
  } while (std::next_permutation(steps.begin(), steps.end()));
  return orders;
}

TEST(Rotation, OfAllOrdersOneFailsNoHandshakeInAnyInterleaving) {
  const std::vector<RotationStep> right{RotationStep::add, RotationStep::switch_issuer,
                                        RotationStep::drop};
  for (const auto& order : all_orders()) {
    const Result two = explore({order, RotationWait::for_all}, beginning(1, true));
    std::string name;
    for (const RotationStep step : order) {
      name += std::string{name_of(step)} + " ";
    }
    RecordProperty(name + "failures", static_cast<int>(two.failures));
    EXPECT_TRUE(two.is_finished) << name;
    if (order == right) {
      EXPECT_EQ(two.failures, 0U) << name << "in " << two.states << " states";
    } else {
      EXPECT_GT(two.failures, 0U) << name << "in " << two.states << " states";
    }
  }
}

TEST(Rotation, TheRightOrderHoldsForThreeProxiesToo) {
  const Result three = explore({}, beginning(2, false));
  EXPECT_EQ(three.failures, 0U);
  EXPECT_TRUE(three.is_finished);
  EXPECT_GT(three.states, 100'000U);
}

TEST(Rotation, TheRightOrderFailsWhereItWaitsForNobody) {
  RotationSpec hasty;
  hasty.wait = RotationWait::for_nobody;
  EXPECT_GT(explore(hasty, beginning(1, false)).failures, 0U);
}

TEST(Rotation, NeedsEachPrecautionOfTheAuthority) {
  EXPECT_GT(explore({}, beginning(1, false), {.records_first = false}).failures, 0U);
  EXPECT_GT(explore({}, beginning(1, false), {.reads_afterwards = false}).failures, 0U);
  EXPECT_GT(explore({}, beginning(1, false), {.answers_with_trust = false}).failures, 0U);
}

TEST(Rotation, WhoeverHasSaidNothingHasNotFollowed) {
  RotationRecord record;
  for (; !record.is_over(); ++record.finished) {
    EXPECT_FALSE(has_followed(record, std::nullopt)) << record.finished;
  }
}

TEST(Rotation, IsReadOnlyWhereItHasTheThreeSteps) {
  RotationRecord record;
  EXPECT_EQ(rotation_of(rotation_content_of(record).view()), record);
  record.spec.steps.pop_back();
  EXPECT_FALSE(rotation_of(rotation_content_of(record).view()));
  record.spec.steps.push_back(RotationStep::add);
  EXPECT_FALSE(rotation_of(rotation_content_of(record).view()));
  EXPECT_FALSE(rotation_of("nonsense"));
}

TEST(Rotation, AStepThatIsRepeatedChangesNothing) {
  RotationRecord record;
  record.old_root = kOld;
  record.new_root = make_root(kNew, "here", WallInstant{}, Duration::zero());
  Trust trust = first_trust("here");
  for (; !record.is_over(); ++record.finished) {
    trust = after_step(record, trust);
    EXPECT_EQ(after_step(record, trust), trust) << record.finished;
  }
  EXPECT_EQ(trust.issuer, kNew);
  EXPECT_EQ(trust.roots, std::vector<Certificate>{record.new_root});
}

}  // namespace
}  // namespace windtunnel::identity
