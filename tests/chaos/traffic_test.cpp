#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// One instance of a service, one of what it may call, and two clients, all on fast links.
ScenarioText shop(const std::string& service, const std::string& load) {
  ScenarioText scenario;
  scenario.topology =
      R"({ "hosts": { "cp": {}, "web": {}, "back-{1,2}": {}, "client-{1,2}": {} },
           "latency": { "loopback": "1us", "zone": "1us" } })";
  scenario.control_plane = R"({ "on": "cp" })";
  scenario.more = R"("services": { "shop": { "on": "web", "workers": 8, "service_time": "10ms")" +
                  service + R"( }, "till": { "on": "back-1", "workers": 8, "service_time": "20ms" },
                     "bank": { "on": "back-2", "workers": 8, "service_time": "30ms" } },
       "policies": { "*→shop": { "timeout": "20s", "deadline": "20s" },
                     "*→till": { "timeout": "1s", "deadline": "1s" },
                     "*→bank": { "timeout": "1s", "deadline": "1s" } },)";
  scenario.load = "[" + load + "]";
  return scenario;
}

const std::string kCalm = R"({ "to": "shop", "from": "client-1", "rate": "50/s" })";

RunRecord run(const ScenarioText& scenario, std::uint64_t seed = 1) {
  return run_plan(planned(scenario, seed), {});
}

const std::vector<OperationRecord>& requests_of(const RunRecord& record) {
  return record.services.at(0).requests;
}

MeasureValue over_run(const RunRecord& record, std::string_view measure) {
  return Measures{record, {}}.over_run("shop." + std::string{measure});
}

Duration latency_of(const RunRecord& record, std::string_view measure) {
  return std::get<Duration>(*over_run(record, "latency." + std::string{measure}).amount());
}

double availability_of(const RunRecord& record) {
  return std::get<Ratio>(*over_run(record, "availability").amount()).value;
}

std::size_t requests_in(const RunRecord& record, Duration from, Duration to) {
  const auto& requests = requests_of(record);
  return static_cast<std::size_t>(
      std::count_if(requests.begin(), requests.end(), [&](const OperationRecord& request) {
        const Duration at = request.invoked_at.time_since_epoch();
        return from <= at && at < to;
      }));
}

// ---- stations ----

TEST(Station, FailsTheShareOfRequestsThatItIsTold) {
  EXPECT_NEAR(availability_of(run(shop(R"(, "errors": "20%")", kCalm))), 0.8, 0.03);
}

TEST(Station, WorksAtTheSpeedOfItsHosts) {
  EXPECT_LT(latency_of(run(shop("", kCalm)), "p50"), 11ms);
  const Duration slow = latency_of(run(shop(R"(, "speed": "25%")", kCalm)), "p50");
  EXPECT_GE(slow, 40ms);
  EXPECT_LT(slow, 41ms);
}

TEST(Station, StandsStillWhileItPauses) {
  const std::string pauses = R"(, "pauses": { "interval": "5s", "length": "500ms" })";
  const RunRecord record = run(shop(pauses, kCalm));
  EXPECT_GT(latency_of(record, "max"), 450ms);
  EXPECT_LT(latency_of(record, "max"), 600ms);
  const auto& requests = requests_of(record);
  const auto slow = std::count_if(requests.begin(), requests.end(), [](const auto& request) {
    return request.ended_at - request.invoked_at > 20ms;
  });
  // Half a second in every five and a half.
  EXPECT_NEAR(static_cast<double>(slow) / static_cast<double>(requests.size()), 1.0 / 11, 0.02);
}

TEST(Station, IsSlowAfterItsStart) {
  const RunRecord record = run(shop(R"(, "warm_up": { "lasts": "20s", "slowdown": 3 })", kCalm));
  const auto latency_at = [&](Duration from) {
    const auto& requests = requests_of(record);
    const auto first = std::find_if(requests.begin(), requests.end(), [&](const auto& request) {
      return request.invoked_at.time_since_epoch() >= from;
    });
    return static_cast<double>((first->ended_at - first->invoked_at).count()) / 1e6;
  };
  EXPECT_NEAR(latency_at(100ms), 30, 0.5);
  EXPECT_NEAR(latency_at(10s), 20, 0.5);
  EXPECT_NEAR(latency_at(21s), 10, 0.5);
}

TEST(Station, AsksOneAfterTheOtherOrAllAtOnce) {
  const std::string calls = R"(, "calls": ["till", "bank"])";
  EXPECT_NEAR(seconds_of(latency_of(run(shop(calls, kCalm)), "p50")), 0.060, 0.001);
  const std::string at_once = calls + R"(, "fan_out": "parallel")";
  EXPECT_NEAR(seconds_of(latency_of(run(shop(at_once, kCalm)), "p50")), 0.040, 0.001);
}

TEST(Station, AnswersWithoutWhatIsOptional) {
  const auto with_till_down = [](const std::string& call) {
    ScenarioText scenario = shop(R"(, "calls": [)" + call + "]", kCalm);
    scenario.timeline = R"([{ "at": "0s", "crash": "service:till" }])";
    return run(scenario);
  };
  EXPECT_LT(availability_of(with_till_down(R"("till")")), 0.01);
  EXPECT_EQ(availability_of(with_till_down(R"({ "to": "till", "need": "optional" })")), 1.0);
}

TEST(Station, GivesACallUpWhenItsOwnTimeIsOver) {
  const std::string call =
      R"(, "calls": [{ "to": "bank", "timeout": "10ms", "need": "optional" }])";
  EXPECT_NEAR(seconds_of(latency_of(run(shop(call, kCalm)), "p50")), 0.020, 0.001);
}

TEST(Station, LosesTheWorkersThatWaitForCalls) {
  // 8 workers of 10 ms serve 800 a second; with 30 ms of waiting, 200.
  const std::string busy = R"({ "to": "shop", "from": "client-1", "rate": "300/s" })";
  const std::string leaves = R"(, "queue": 10, "calls": ["bank"])";
  ScenarioText scenario = shop(leaves, busy);
  scenario.more.replace(scenario.more.find("\"workers\": 8, \"service_time\": \"30ms\""), 12,
                        "\"workers\": 80");
  EXPECT_GT(availability_of(run(scenario)), 0.999);
  scenario.more.replace(scenario.more.find("\"queue\": 10"), 0, "\"worker\": \"waits\", ");
  EXPECT_NEAR(availability_of(run(scenario)), 200.0 / 300, 0.03);
}

TEST(Station, AdmitsTheUrgentWhenItIsOverloaded) {
  // Twice what it can do, three tenths of it urgent: with admission they get through, and some of
  // the others. Without, everybody waits in the queue.
  const auto shares = [](const std::string& service) {
    ScenarioText scenario = shop(
        service, R"({ "to": "shop", "from": "client-1", "rate": "1600/s", "priorities": [3, 7] })");
    return run(scenario);
  };
  const RunRecord open = shares(R"(, "queue": 100000)");
  const RunRecord guarded =
      shares(R"(, "queue": 100000, "priorities": 2, "admission": { "business_levels": 2 })");
  EXPECT_GT(latency_of(open, "p50"), 5s);
  EXPECT_LT(latency_of(guarded, "p50"), 100ms);
  EXPECT_GT(availability_of(guarded), 0.35);
}

// ---- loads ----

TEST(Traffic, FollowsARateThatChanges) {
  const RunRecord record =
      run(shop("", R"({ "to": "shop", "from": "client-*", "arrivals": "constant",
      "rate": [{ "at": "10s", "rate": "20/s", "then": "ramp" }, { "at": "20s", "rate": "60/s" },
               { "at": "30s", "rate": "0/s" }, { "at": "40s", "rate": "10/s" }] })"));
  EXPECT_EQ(requests_in(record, 0s, 10s), 0U);
  EXPECT_NEAR(static_cast<double>(requests_in(record, 10s, 20s)), 400, 2);
  EXPECT_NEAR(static_cast<double>(requests_in(record, 20s, 30s)), 600, 2);
  EXPECT_LE(requests_in(record, 30s, 40s), 2U);
  EXPECT_NEAR(static_cast<double>(requests_in(record, 40s, 60s)), 200, 2);
}

TEST(Traffic, ComesInBurstsOfTheMeanRateThatTheySay) {
  double all = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunRecord record = run(shop("", R"({ "to": "shop", "from": "client-*", "arrivals":
        { "bursty": { "on": "400/s", "off": "40/s", "mean_on": "500ms", "mean_off": "1s" } } })"),
                                 seed);
    all += static_cast<double>(requests_of(record).size());
  }
  // A third of the time on: 160 a second.
  EXPECT_NEAR(all / 10 / 60, 160, 10);
}

std::vector<Duration> due_times(const RunRecord& record) {
  std::vector<Duration> times;
  for (const OperationRecord& request : requests_of(record)) {
    times.push_back(request.invoked_at.time_since_epoch());
  }
  std::sort(times.begin(), times.end());
  return times;
}

TEST(Traffic, RepeatsATraceToTheNanosecond) {
  const RunRecord record = run(shop("", R"({ "to": "shop", "from": "client-*",
      "arrivals": { "replay": ["1s", "1s", "1.5s", "2000000001ns", "59s", "61s"] } })"));
  EXPECT_EQ(due_times(record), (std::vector<Duration>{1s, 1s, 1500ms, 2s + 1ns, 59s}));
  EXPECT_NE(requests_of(record)[0].client, requests_of(record)[1].client);
}

/// A folder that is gone with its test.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::path{testing::TempDir()} / name) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

const std::string kReplay =
    R"({ "to": "shop", "from": "client-1", "arrivals": { "replay": "trace.csv" } })";

TEST(Traffic, FindsATraceBesideItsScenario) {
  const Folder folder{"windtunnel_trace"};
  static_cast<void>(folder.write("trace.csv", "at,path\n1s,/a\n\n1500ms,/b\r\n2s\n"));
  const std::string file = folder.write("scenario.json", shop("", kReplay).text());
  const Plan plan = make_plan(load_scenario_file(file), 1);
  EXPECT_EQ(plan.loads.at(0).trace, (std::vector<Duration>{1s, 1500ms, 2s}));
  EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan);
}

TEST(Traffic, RefusesATraceWithoutAnArrival) {
  const Folder folder{"windtunnel_empty_trace"};
  for (const char* const trace : {"", "at,path\n", "\n\r\n"}) {
    static_cast<void>(folder.write("trace.csv", trace));
    const std::string file = folder.write("scenario.json", shop("", kReplay).text());
    try {
      static_cast<void>(load_scenario_file(file));
      FAIL() << "it loaded: " << trace;
    } catch (const BadInput& error) {
      EXPECT_EQ(error.errors().front().pointer, "/load/0/arrivals/replay");
      EXPECT_EQ(error.errors().front().found, "\"trace.csv\", which has no arrival");
    }
  }
}

TEST(Traffic, SaysWhichLineOfATraceIsWrong) {
  const Folder folder{"windtunnel_bad_trace"};
  const std::string trace = folder.write("trace.csv", "at\n2s\n1s\n5\nsoon\n");
  const std::string file = folder.write("scenario.json", shop("", kReplay).text());
  try {
    static_cast<void>(load_scenario_file(file));
    FAIL() << "it loaded";
  } catch (const BadInput& error) {
    const std::string at = ":1: /load/0/arrivals/replay: found ";
    EXPECT_EQ(std::string{error.what()},
              trace + ":3" + at +
                  "\"1s\"; expected an offset from 2s to 3600000s: they do not descend\n" + trace +
                  ":4" + at +
                  "\"5\"; expected a duration such as \"90ms\": the unit is missing (one of ns, "
                  "us, ms, s, m, h)\n" +
                  trace + ":5" + at + "\"soon\"; expected a duration such as \"90ms\"");
  }
}

TEST(Traffic, OfUsersHasTheThroughputOfALoop) {
  // 20 users at 8 workers of 10 ms: with 90 ms of thought, each asks every 100 ms and nobody waits.
  const RunRecord thinking =
      run(shop("", R"({ "to": "shop", "from": "client-*", "users": 7, "think": "90ms" })"));
  EXPECT_NEAR(static_cast<double>(requests_of(thinking).size()) / 60, 70, 1);
  // Without thought, the workers are the limit.
  const RunRecord greedy = run(shop("", R"({ "to": "shop", "from": "client-*", "users": 20 })"));
  EXPECT_NEAR(static_cast<double>(requests_of(greedy).size()) / 60, 800, 8);
}

TEST(Traffic, OfAnOpenLoopHidesNothingOfAStallThatUsersLeaveOut) {
  // The service stands still for six seconds. Whoever was due meanwhile waited; a closed loop has
  // only its users waiting.
  const auto slow_requests = [](const std::string& load) {
    ScenarioText scenario = shop("", load);
    scenario.timeline = R"([{ "at": "30s", "for": "6s", "pause": "service:shop" }])";
    const RunRecord record = run(scenario);
    const auto& requests = requests_of(record);
    return std::count_if(requests.begin(), requests.end(), [](const OperationRecord& request) {
      return request.ended_at - request.invoked_at > 1s;
    });
  };
  EXPECT_NEAR(static_cast<double>(slow_requests(kCalm)), 50 * 5, 40);
  EXPECT_EQ(slow_requests(R"({ "to": "shop", "from": "client-1", "users": 5, "think": "90ms" })"),
            5);
}

TEST(Traffic, PlacesTheRequestsOfAPopularUserTogether) {
  ScenarioText scenario = shop("", R"({ "to": "shop", "from": "client-1", "rate": "100/s",
                                        "keys": { "users": 100, "skew": 1.2 } })");
  scenario.more.replace(scenario.more.find("\"on\": \"web\""), 11,
                        R"("on": "web | client-1 | client-2 | cp")");
  scenario.more.replace(scenario.more.find("\"timeout\": \"20s\""), 0,
                        R"("balance": "ring_hash", )");
  const RunRecord skewed = run(scenario);
  scenario.load.replace(scenario.load.find("\"users\": 100, \"skew\": 1.2"), 26,
                        "\"users\": 100000");
  const RunRecord even = run(scenario);
  const auto balance = [](const RunRecord& record) {
    return std::get<Ratio>(*over_run(record, "balance").amount()).value;
  };
  EXPECT_GT(balance(skewed), balance(even) + 0.1);
}

TEST(Surge, AddsItsLoadForAsLongAsItLasts) {
  ScenarioText scenario = shop("", kCalm);
  scenario.timeline = R"([{ "id": "surge", "at": "20s", "for": "10s",
      "load": { "to": "shop", "from": "client-2", "rate": "500/s", "arrivals": "constant" } },
      { "id": "again", "at": "40s", "for": "1s", "every": "2s", "times": 2,
      "load": { "to": "shop", "from": "client-*", "rate": "100/s", "arrivals": "constant" } }])";
  const RunRecord record = run(scenario);
  const auto of_surge = [&](Duration from, Duration to) {
    const auto& requests = requests_of(record);
    return std::count_if(requests.begin(), requests.end(), [&](const OperationRecord& request) {
      const Duration at = request.invoked_at.time_since_epoch();
      return request.client == HostId{5} && from <= at && at < to;
    });
  };
  EXPECT_EQ(of_surge(0s, 20s), 0);
  EXPECT_NEAR(static_cast<double>(of_surge(20s, 30s)), 5000, 1);
  EXPECT_EQ(of_surge(30s, 40s), 0);
  EXPECT_NEAR(static_cast<double>(of_surge(40s, 41s)), 50, 1);
  EXPECT_EQ(of_surge(41s, 42s), 0);
  EXPECT_NEAR(static_cast<double>(of_surge(42s, 43s)), 50, 1);
  EXPECT_EQ(of_surge(43s, 60s), 0);
  ASSERT_EQ(record.faults.size(), 3U);
  EXPECT_EQ(record.faults[0].touched, 1U);
  EXPECT_EQ(record.faults[1].touched, 2U);
}

TEST(Surge, LeavesEveryRequestBeforeItAsItWas) {
  ScenarioText scenario = shop("", kCalm);
  const std::vector<Duration> without = due_times(run(scenario));
  scenario.timeline = R"([{ "at": "20s", "for": "10s",
      "load": { "to": "shop", "from": "client-1", "rate": "500/s" } }])";
  std::vector<Duration> with = due_times(run(scenario));
  for (const Duration at : without) {
    EXPECT_TRUE(std::binary_search(with.begin(), with.end(), at));
  }
}

TEST(Traffic, PlansWhatItsPlanSays) {
  ScenarioText scenario = shop(
      R"(, "errors": "1%", "speed": "50%", "order": "adaptive_lifo", "priorities": 3, "worker": "waits",
         "pauses": { "interval": { "exponential": "5s" }, "length": "50ms" }, "pushback": "1s",
         "warm_up": { "lasts": "5s", "slowdown": 2.5 }, "deadlines": "ignore", "fan_out": "parallel",
         "calls": ["till", { "to": "bank", "timeout": "70ms", "need": "optional" }],
         "admission": { "decrease": "7%", "queuing_max": "30ms" })",
      R"({ "to": "shop", "from": "client-*", "users": 50, "think": { "exponential": "1s" } },
         { "to": "shop", "from": "client-1", "rate": [{ "at": "0s", "rate": "5/s", "then": "ramp" },
           { "at": "10s", "rate": { "between": ["50/s", "90/s"] } }], "keys": { "users": 7, "skew": 1.1 },
           "priorities": [1, 0, 2] },
         { "to": "shop", "from": "client-1", "arrivals": { "replay": ["1s", "2s"] } },
         { "to": "shop", "from": "client-1", "arrivals": { "bursty": { "on": "9/s", "mean_on": "1s", "mean_off": "2s" } } })");
  scenario.more += R"("recovery": { "balance": { "distance": "5%", "window": "2s" } },)";
  scenario.timeline =
      R"([{ "at": "5s", "for": "3s", "load": { "to": "shop", "from": "client-1", "users": 3 } }])";
  scenario.expect = R"([{ "that": "shop.attempts", "at_most": "150%" },
                        { "that": "shop.balance", "at_most": "1200%" },
                        { "that": "shop.balance_convergence", "after": "load", "at_most": "5s" }])";
  const Plan plan = planned(scenario);
  EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan);
  EXPECT_EQ(plan.services[0].speed, 500U);
  EXPECT_EQ(plan.services[0].calls[1].timeout, 70ms);
  EXPECT_EQ(plan.services[0].admission->decrease_percent, 7U);
  EXPECT_EQ(plan.loads[1].profile.size(), 2U);
  const std::string text = plan_text(plan);
  for (const char* part : {"at 50% of full speed", "1% fail", "calls till and bank (optional)",
                           "50 users who think 1s on average", "2 replayed",
                           "load of 3 users who think 0s on average more on shop"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

}  // namespace
}  // namespace windtunnel::chaos
