#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/scenario/scenario.hpp"
#include "chaos/scenario/scenario_keys.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

/// All files of a folder with that extension, sorted.
std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == extension) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string errors_in(const ScenarioText& scenario) {
  return errors_text(load_scenario(parse_source(scenario.text(), "f")).errors);
}

// ---- files ----

class MalformedScenario : public testing::TestWithParam<fs::path> {};

TEST_P(MalformedScenario, IsAnsweredWithExactlyTheExpectedErrors) {
  const fs::path& path = GetParam();
  const LoadedScenario result =
      load_scenario(parse_source(read_file(path), path.filename().string()));
  const std::string expected = read_file(fs::path{path}.replace_extension(".expected"));
  EXPECT_FALSE(result.scenario);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(errors_text(result.errors), expected);
}

std::string test_name(const testing::TestParamInfo<fs::path>& file) {
  std::string name = file.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, MalformedScenario,
                         testing::ValuesIn(files_in("tests/chaos/malformed", ".json")), test_name);

class ScenarioFile : public testing::TestWithParam<fs::path> {};

TEST_P(ScenarioFile, LoadsAndPlansAtManySeeds) {
  const Scenario scenario = load_scenario_file(GetParam().string());
  EXPECT_FALSE(scenario.about().empty());
  // Plans of thousands of hosts take their time, and draw nothing that others do not.
  const std::uint64_t seeds = make_plan(scenario, 0).hosts.size() > 1000 ? 5 : 200;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Plan plan = make_plan(scenario, seed);
    EXPECT_EQ(make_plan(loaded(plan_json(plan)), seed), plan) << "seed " << seed;
  }
}

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> files = files_in("scenarios", ".json");
  std::erase_if(files, [](const fs::path& file) { return file.stem().extension() == ".schema"; });
  return files;
}

INSTANTIATE_TEST_SUITE_P(Files, ScenarioFile, testing::ValuesIn(scenario_files()), test_name);

// ---- the schema beside the scenarios ----

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) {
    names.insert(name);
  }
  return names;
}

TEST(ScenarioSchema, KnowsTheSameKeysAsTheLoader) {
  const Json schema = Json::parse(read_file("scenarios/scenario.schema.json"));
  for (const KeySet* const block : keys::all()) {
    const std::string name{block->block};
    ASSERT_TRUE(schema.at("definitions").contains(name)) << name;
    const Json& definition = schema.at("definitions").at(name);
    const std::set<std::string> known(block->keys.begin(), block->keys.end());
    EXPECT_EQ(keys_of(definition.at("properties")), known) << name;
    EXPECT_EQ(definition.at("additionalProperties"), Json(false)) << name;
  }
}

TEST(ScenarioSchema, HasNoBlockThatTheLoaderDoesNotKnow) {
  const Json schema = Json::parse(read_file("scenarios/scenario.schema.json"));
  std::set<std::string> blocks;
  for (const KeySet* const block : keys::all()) {
    blocks.insert(std::string{block->block});
  }
  for (const auto& [name, definition] : schema.at("definitions").items()) {
    EXPECT_EQ(definition.contains("properties"), blocks.contains(name)) << name;
  }
}

TEST(ScenarioSchema, DescribesEveryKey) {
  const Json schema = Json::parse(read_file("scenarios/scenario.schema.json"));
  for (const auto& [name, definition] : schema.at("definitions").items()) {
    EXPECT_TRUE(definition.contains("description")) << name;
    const Json properties = definition.value("properties", Json::object());
    for (const auto& [key, property] : properties.items()) {
      EXPECT_TRUE(property.contains("description") || property.contains("$ref"))
          << name << '.' << key;
    }
  }
}

TEST(ScenarioSchema, ListsTheMeasuresThatCanBeExpected) {
  const Json schema = Json::parse(read_file("scenarios/scenario.schema.json"));
  std::set<std::string> known(invariant_catalogue().begin(), invariant_catalogue().end());
  for (const MeasureInfo& measure : measure_catalogue()) {
    if (measure.expectable) {
      known.insert(std::string{measure.name});
    }
  }
  const Json& that = schema.at("definitions").at("expectation").at("properties").at("that");
  const Json& choices = that.at("anyOf");
  EXPECT_EQ(choices.at(0).at("enum").get<std::set<std::string>>(), known);
  const std::regex of_service{choices.at(1).at("pattern").get<std::string>()};
  for (const MeasureInfo& measure : service_measure_catalogue()) {
    EXPECT_TRUE(std::regex_match("shop." + std::string{measure.name}, of_service)) << measure.name;
  }
  EXPECT_FALSE(std::regex_match(std::string{"shop.nonsense"}, of_service));
}

// ---- single behaviours ----

TEST(ScenarioLoader, TakesTheSmallestScenarioAndFillsInTheRest) {
  const Plan plan =
      make_plan(loaded(
                    R"({ "name": "n", "duration": "1s", "topology": { "hosts": { "a": {} } },
              "control_plane": { "on": "a" } })"),
                1);
  ASSERT_EQ(plan.hosts.size(), 1U);
  EXPECT_EQ(plan.hosts[0].zone, "main");
  EXPECT_EQ(plan.hosts[0].region, "main");
  EXPECT_EQ(plan.network, Network{});
  EXPECT_EQ(plan.control_plane.raft, RaftSettings{});
  EXPECT_EQ(plan.recovery, RecoveryOptions{});
}

TEST(ScenarioLoader, NumbersHostsInTheOrderOfTheFile) {
  ScenarioText scenario;
  scenario.topology = R"({ "hosts": { "z-{2..3}": {}, "cp-{b,a}": {}, "client": {} } })";
  const Plan plan = planned(scenario);
  ASSERT_EQ(plan.hosts.size(), 5U);
  EXPECT_EQ(plan.hosts[0].name, "z-2");
  EXPECT_EQ(plan.hosts[2].name, "cp-b");
  EXPECT_EQ(plan.control_plane.members, (std::vector<HostId>{HostId{2}, HostId{3}}));
}

TEST(ScenarioLoader, SpreadsHostsOverZonesInTurn) {
  ScenarioText scenario;
  scenario.topology =
      R"({ "zones": { "a": "east", "b": "west" },
           "hosts": { "cp-{1..3}": { "spread": ["b", "a"] }, "client": {} } })";
  const Plan plan = planned(scenario);
  EXPECT_EQ(plan.hosts[0].zone, "b");
  EXPECT_EQ(plan.hosts[0].region, "west");
  EXPECT_EQ(plan.hosts[1].zone, "a");
  EXPECT_EQ(plan.hosts[2].zone, "b");
  EXPECT_EQ(plan.hosts[3].zone, "a");
}

TEST(ScenarioLoader, MakesAServiceOfEachNameAndFillsInWhatItsBracesBecame) {
  ScenarioText scenario;
  scenario.topology = R"({ "hosts": { "cp-{a,b,c}": {}, "pod-{1..3}-{x,y}": {}, "client": {} } })";
  scenario.more = R"("services": { "shop-{1..3}": { "on": "pod-{}-*", "calls": ["till-{}"] },
                                   "till-{3..3}": { "on": "pod-3-x" }, "till-{1,2}": { "on": "pod-{}-x" } },
                     "policies": { "*→till-{1..2}": { "timeout": "7ms" }, "*→shop-2": {} },)";
  const Plan plan = planned(scenario);
  ASSERT_EQ(plan.services.size(), 6U);
  EXPECT_EQ(plan.services[1].name, "shop-2");
  EXPECT_EQ(plan.services[1].on, (std::vector{HostId{5}, HostId{6}}));
  ASSERT_EQ(plan.services[1].calls.size(), 1U);
  EXPECT_EQ(plan.services[1].calls.front().to, "till-2");
  EXPECT_EQ(plan.services[3].name, "till-3");
  ASSERT_EQ(plan.policies.size(), 3U);
  EXPECT_EQ(plan.policies[1].callee, "till-2");
  EXPECT_EQ(plan.policies[1].timeout, std::chrono::milliseconds{7});
}

TEST(ScenarioLoader, ReadsEveryFormOfLatency) {
  ScenarioText scenario;
  scenario.topology =
      R"({ "hosts": { "cp-{a,b,c}": {}, "client": {} },
           "latency": { "loopback": { "uniform": ["1us", "2us"] }, "zone": "0.25ms±0.05ms",
                        "region": { "median": "1ms", "p99": "3ms" },
                        "wan": { "empirical": ["1ms", "9ms"] } } })";
  scenario.control_plane = R"({ "on": "cp-*", "raft": { "fsync": { "exponential": "5ms" } } })";
  const Plan plan = planned(scenario);
  const auto us = [](std::int64_t n) { return Duration{n * 1000}; };
  EXPECT_EQ(plan.network.loopback, DurationDistribution(Uniform{us(1), us(2)}));
  EXPECT_EQ(plan.network.zone.latency, DurationDistribution(Normal{us(250), us(50)}));
  EXPECT_EQ(plan.network.region.latency, DurationDistribution(Lognormal{us(1000), us(3000)}));
  EXPECT_EQ(plan.network.wan.latency, DurationDistribution(Empirical{{us(1000), us(9000)}}));
  EXPECT_EQ(plan.control_plane.raft.fsync, DurationDistribution(Exponential{us(5000)}));
}

TEST(ScenarioLoader, NamesFaultsThatHaveNoId) {
  ScenarioText scenario;
  scenario.timeline =
      R"([{ "at": "1s", "crash": "leader" }, { "at": "2s", "crash": "leader" },
          { "at": "3s", "pause": "leader", "id": "crash-2" }, { "at": "4s", "crash": "leader" }])";
  const Plan plan = planned(scenario);
  EXPECT_EQ(plan.timeline[0].id, "crash");
  EXPECT_EQ(plan.timeline[1].id, "crash-3");
  EXPECT_EQ(plan.timeline[2].id, "crash-2");
  EXPECT_EQ(plan.timeline[3].id, "crash-4");
}

TEST(ScenarioLoader, LetsAFaultStrikeAsOftenAsTheRunHasRoom) {
  ScenarioText scenario;
  scenario.timeline = R"([{ "at": "20s", "crash": "leader", "every": "10s" },
                          { "at": "20s", "pause": "leader", "every": "10s", "times": 2 }])";
  const Plan plan = planned(scenario);
  EXPECT_EQ(strikes_of(plan.timeline[0]).size(),
            4U);  // 20 s, 30 s, 40 s, 50 s; the run ends at 60 s.
  EXPECT_EQ(strikes_of(plan.timeline[1]).back(), instant_at<TrueInstant>(30'000'000'000));
}

TEST(ScenarioLoader, ChecksARangeAtBothEnds) {
  ScenarioText scenario;
  scenario.timeline = R"([{ "at": { "between": ["59s", "61s"] }, "crash": "leader" }])";
  EXPECT_NE(errors_in(scenario).find("found \"61s\", which is not before the run's end"),
            std::string::npos);
}

TEST(ScenarioLoader, ReportsEachErrorOfARangedScenarioOnce) {
  ScenarioText scenario;
  scenario.timeline = R"([{ "at": { "between": ["1s", "2s"] }, "crash": "nobody" }])";
  const std::string errors = errors_in(scenario);
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
}

TEST(ScenarioLoader, ReportsProblemsInOrderOfPlace) {
  const LoadedScenario result = load_scenario(
      parse_source("{\n  \"zebra\": 1,\n  \"duration\": 5,\n  \"name\": \"\"\n}", "f"));
  std::vector<std::uint32_t> lines;
  for (const InputError& error : result.errors) {
    lines.push_back(error.place.line);
  }
  EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end()));
  EXPECT_EQ(lines.size(), 5U);
}

TEST(ScenarioLoader, BlamesTheOverrideThatBroughtAValueIn) {
  Source source = parse_source(ScenarioText{}.text(), "f");
  apply_override(source, "control_plane.raft.election_tick=20");
  apply_override(source, "duration=60");
  EXPECT_EQ(errors_text(load_scenario(source).errors),
            "--set duration=60: /duration: found the number 60; expected a duration such as "
            "\"90ms\": the unit is missing (one of ns, us, ms, s, m, h)\n"
            "--set control_plane.raft.election_tick=20: /control_plane/raft/election_tick: found "
            "the unknown key \"election_tick\"; expected one of tick, heartbeat_ticks, "
            "election_ticks, pre_vote, check_quorum, fsync, max_entries_per_append, "
            "max_bytes_per_append; did you mean \"election_ticks\"?\n");
}

TEST(ScenarioLoader, AppliesOverrides) {
  Source source = parse_source(ScenarioText{}.text(), "f");
  apply_override(source, "control_plane.raft.election_ticks=20");
  apply_override(source, "load.0.rate=5/m");
  LoadedScenario result = load_scenario(source);
  ASSERT_TRUE(result.scenario) << errors_text(result.errors);
  const Plan plan = make_plan(*result.scenario, 1);
  EXPECT_EQ(plan.control_plane.raft.election_ticks, 20U);
  EXPECT_EQ(plan.loads[0].rate, (Rate{5, std::chrono::minutes{1}}));
}

TEST(ScenarioLoader, SaysWhichFileCannotBeRead) {
  for (const std::string path : {"no/such/file.json", "scenarios"}) {
    try {
      static_cast<void>(load_scenario_file(path));
      FAIL() << path << " loaded";
    } catch (const BadInput& error) {
      EXPECT_EQ(error.what(), path + ": found no file that can be read; expected a scenario file");
    }
  }
}

}  // namespace
}  // namespace windtunnel::chaos
