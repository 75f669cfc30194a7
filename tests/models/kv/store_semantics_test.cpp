// The store against a dumb model of etcd's semantics that keeps every state there ever was.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/kv/store.hpp"
#include "runtime/random.hpp"
#include "tests/models/kv/commands.hpp"

namespace windtunnel::kv {
namespace {

struct ModelEntry {
  std::string value;
  std::uint64_t revision = 0;
  std::uint64_t created = 0;
  std::uint64_t lease = 0;
  friend bool operator==(const ModelEntry&, const ModelEntry&) = default;
};
using State = std::map<std::string, ModelEntry>;

/// Knows what each command does by copying the whole state.
class Model {
 public:
  ChangeOutcome put(const std::string& key, const std::string& value, std::uint64_t lease) {
    if (lease != 0 && !leases.contains(lease)) {
      return ChangeOutcome::lease_not_found;
    }
    const auto old = state.find(key);
    const std::uint64_t created = old == state.end() ? revision : old->second.created;
    state[key] = {value, revision, created, lease};
    return ChangeOutcome::done;
  }
  ChangeOutcome erase(const std::string& key) {
    return state.erase(key) == 1 ? ChangeOutcome::done : ChangeOutcome::not_found;
  }
  std::uint64_t revision_of(const std::string& key) const {
    const auto found = state.find(key);
    return found == state.end() ? 0 : found->second.revision;
  }
  ChangeOutcome revoke(std::uint64_t lease) {
    if (leases.erase(lease) == 0) {
      return ChangeOutcome::lease_not_found;
    }
    std::erase_if(state, [&](const auto& entry) { return entry.second.lease == lease; });
    return ChangeOutcome::done;
  }

  State state;
  std::map<std::uint64_t, Duration> leases;
  std::uint64_t revision = 0;
};

State scanned(const Store& store, std::uint64_t revision, const std::string& prefix,
              std::uint32_t page_size) {
  State state;
  ScanRequest request;
  request.limit = page_size;
  request.prefix = prefix;
  request.revision = revision;
  for (bool has_more = true; has_more;) {
    const ScanResponse page = store.scan(request);
    EXPECT_EQ(page.status, Status::ok);
    for (const KeyAndValue& entry : page.found) {
      state[entry.key] = {std::string{entry.value.view()}, entry.revision, entry.created,
                          entry.lease.value()};
      request.from = entry.key + '\0';
    }
    has_more = page.has_more;
  }
  return state;
}

State beginning_with(const State& state, const std::string& prefix) {
  State part;
  for (const auto& [key, entry] : state) {
    if (key.starts_with(prefix)) {
      part.emplace(key, entry);
    }
  }
  return part;
}

/// One random command, applied to both.
void apply_random(RandomStream& random, Model& model, Store& store) {
  ++model.revision;
  const std::string key =
      "k" + std::to_string(random.below(2)) + "/" + std::to_string(random.below(30));
  const std::string value = "v" + std::to_string(model.revision);
  // No lease, one that exists, or one that does not.
  std::uint64_t lease = random.below(3) == 0 ? random.below(model.revision) : 0;
  if (!model.leases.empty() && random.below(2) == 0) {
    lease = std::next(model.leases.begin(),
                      static_cast<std::ptrdiff_t>(random.below(model.leases.size())))
                ->first;
  }
  ChangeOutcome expected = ChangeOutcome::done;
  Applied applied;
  switch (random.below(6)) {
    case 0:
    case 1:
      expected = model.put(key, value, lease);
      applied = store.apply(model.revision, bytes_of(Put{key, value, LeaseId{lease}}));
      break;
    case 2:
      expected = model.erase(key);
      applied = store.apply(model.revision, bytes_of(Delete{key}));
      break;
    case 3: {
      const std::uint64_t present = model.revision_of(key);
      const std::uint64_t guess = random.below(2) == 0 ? present : random.below(model.revision);
      const bool deletes = random.below(3) == 0;
      CompareAndSet command{key, guess, std::nullopt, LeaseId{lease}};
      if (!deletes) {
        command.value = value;
      }
      if (guess != present) {
        expected = ChangeOutcome::conflict;
      } else {
        expected = deletes ? model.erase(key) : model.put(key, value, lease);
      }
      applied = store.apply(model.revision, bytes_of(command));
      if (expected == ChangeOutcome::conflict) {
        ASSERT_EQ(applied.key_revision, present);
      }
      break;
    }
    case 4: {
      const Duration ttl = std::chrono::seconds{1 + random.below(2)};
      model.leases.emplace(model.revision, ttl);
      applied = store.apply(model.revision, bytes_of(GrantLease{ttl}));
      break;
    }
    default:
      expected = model.revoke(lease);
      applied =
          store.apply(model.revision, bytes_of(RevokeLease{LeaseId{lease}, RevokeReason::expired}));
  }
  ASSERT_EQ(applied.outcome, expected) << "at revision " << model.revision;
}

class StoreBySeed : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, StoreBySeed, testing::Range<std::uint64_t>(1, 21));

TEST_P(StoreBySeed, HoldsEveryStateThatTheModelHeldUnlessItSaysCompacted) {
  RandomStream random{GetParam(), "store_test"};
  const std::size_t events_max = 1 + random.below(400);
  Store store{{events_max}};
  Model model;
  std::vector<State> states{{}};
  for (int i = 0; i < 400; ++i) {
    ASSERT_NO_FATAL_FAILURE(apply_random(random, model, store));
    states.push_back(model.state);
  }
  ASSERT_EQ(store.size(), model.state.size());
  std::size_t refused = 0;
  for (std::uint64_t revision = 1; revision < states.size(); ++revision) {
    if (revision < store.history().compacted()) {
      ScanRequest past;
      past.revision = revision;
      ASSERT_EQ(store.scan(past).status, Status::compacted);
      ASSERT_EQ(store.scan(past).revision, store.history().compacted());
      ++refused;
      continue;
    }
    const std::string prefix = "k" + std::to_string(random.below(2)) + "/";
    ASSERT_EQ(scanned(store, revision, prefix, 7), beginning_with(states[revision], prefix))
        << "at revision " << revision;
  }
  EXPECT_LT(refused, states.size());
}

TEST_P(StoreBySeed, ReplaysItsHistoryIntoItsState) {
  RandomStream random{GetParam(), "store_test"};
  Store store{{1000}};
  Model model;
  for (int i = 0; i < 300; ++i) {
    ASSERT_NO_FATAL_FAILURE(apply_random(random, model, store));
  }
  State replayed;
  for (std::uint64_t n = store.history().first(); n < store.history().end(); ++n) {
    const Event& event = store.history().at(n);
    const auto old = replayed.find(std::string{event.key()});
    // What stood there before is what the event says.
    ASSERT_EQ(old == replayed.end() ? 0 : old->second.revision, event.before.revision);
    if (event.kind == EventKind::deletion) {
      replayed.erase(old);
    } else {
      replayed[std::string{event.key()}] = {std::string{event.now.value}, event.now.revision,
                                            event.now.created, event.now.lease.value()};
    }
  }
  EXPECT_EQ(replayed, model.state);
}

TEST(Store, DeletesTheKeysOfARevokedLeaseInOneRevisionAndInTheirOrder) {
  Store store;
  store.apply(1, bytes_of(GrantLease{std::chrono::seconds{1}}));
  store.apply(2, bytes_of(Put{"b", "1", LeaseId{1}}));
  store.apply(3, bytes_of(Put{"a", "1", LeaseId{1}}));
  store.apply(4, bytes_of(Put{"c", "1", LeaseId{1}}));
  store.apply(5, bytes_of(Put{"c", "2", LeaseId{}}));
  store.apply(6, bytes_of(RevokeLease{LeaseId{1}, RevokeReason::asked}));
  const History& history = store.history();
  ASSERT_EQ(history.end(), 6U);
  EXPECT_EQ(history.at(4).key(), "a");
  EXPECT_EQ(history.at(5).key(), "b");
  EXPECT_EQ(history.at(4).revision, 6U);
  EXPECT_EQ(history.at(5).revision, 6U);
  // Writing a key without a lease takes it off the lease.
  ASSERT_NE(store.find("c"), nullptr);
}

TEST(Command, DecodesToWhatWasEncodedAndRefusesEveryTruncation) {
  const std::string key = "key";
  const std::vector<Command> commands = {
      Put{key, "value", LeaseId{3}}, Delete{key}, CompareAndSet{key, 9, "value", LeaseId{1}},
      GrantLease{std::chrono::seconds{3}}, RevokeLease{LeaseId{5}, RevokeReason::expired}};
  for (const Command& command : commands) {
    const SharedBytes bytes = bytes_of(command);
    const auto decoded = decoded_command(bytes.view());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->index(), command.index());
    EXPECT_EQ(bytes_of(*decoded), bytes);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(decoded_command(bytes.view().substr(0, length)));
    }
  }
  EXPECT_FALSE(decoded_command("\x7f"));
}

}  // namespace
}  // namespace windtunnel::kv
