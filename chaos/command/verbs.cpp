#include "chaos/command/verbs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "chaos/report/campaign_table.hpp"
#include "chaos/report/csv.hpp"
#include "chaos/report/output_file.hpp"
#include "chaos/report/report.hpp"
#include "chaos/report/report_json.hpp"
#include "chaos/run/determinism.hpp"
#include "chaos/run/run_failure.hpp"
#include "chaos/run/runner.hpp"
#include "chaos/scenario/scenario.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::uint64_t kSeedsMax = 1'000'000;

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

/// What a run leaves for machines, until it is written.
struct Outputs {
  std::string json;
  std::string csv;
};

std::string replay_of(const RunSettings& settings, const std::string& file, std::uint64_t seed) {
  std::string command = replay_command(file, seed);
  for (const std::string& override_text : settings.overrides) {
    command += " --set '" + override_text + "'";
  }
  return command;
}

Verdict show_determinism(const Plan& plan) {
  const DeterminismCheck check = check_determinism(plan);
  if (check.difference) {
    fmt::print("determinism: DIFFERENT ({} and {})\n{}\n", check.first_digest, check.second_digest,
               *check.difference);
    return Verdict::error;
  }
  fmt::print("determinism: two runs of {} events are equal (digest {})\n", check.events,
             check.first_digest);
  return Verdict::pass;
}

Verdict run_once(const RunSettings& settings, const std::string& file, const Scenario& scenario,
                 Outputs& outputs) {
  const std::uint64_t seed = settings.seed.value_or(scenario.seed());
  const Plan plan = make_plan(scenario, seed);
  if (settings.checks_determinism) {
    return show_determinism(plan);
  }
  ProgressLine progress;
  RunOptions options;
  options.on_progress = [&](double share) { progress.show(share, "of " + scenario.name()); };
  const RunRecord record = run_plan(plan, options);
  progress.clear();
  const Judgement judgement =
      judge(record, plan.expectations, {measure_options_of(plan), OverSeeds::judged_alone});
  const std::string replay = replay_of(settings, file, seed);
  const std::string report = run_report(record, judgement, replay, terminal_style(settings.colour));
  std::fwrite(report.data(), 1, report.size(), stdout);
  outputs.json = run_json(record, judgement, replay);
  if (!settings.csv_file.empty()) {
    std::vector<CampaignRun> runs;
    runs.push_back(campaign_run(record, judgement));
    outputs.csv = campaign_csv(judge_campaign(scenario.name(), std::move(runs), plan.expectations));
  }
  return judgement.verdict;
}

Verdict run_many(const RunSettings& settings, const std::string& file, const Scenario& scenario,
                 Outputs& outputs) {
  ProgressLine progress;
  const Stopwatch stopwatch;
  CampaignOptions options{settings.seeds->first, settings.seeds->last, settings.jobs, {}};
  options.on_progress = [&](const CampaignProgress& done) {
    progress.show(
        static_cast<double>(done.finished) / static_cast<double>(done.total),
        fmt::format("{} of {} seeds, {} not passed", done.finished, done.total, done.not_passed));
  };
  const Campaign campaign = run_campaign(scenario, options);
  const double seconds = stopwatch.seconds();
  progress.clear();
  const std::string report = campaign_report(campaign, file, terminal_style(settings.colour));
  std::fwrite(report.data(), 1, report.size(), stdout);
  fmt::print("{} runs in {:.1f} s with {} job{}\n", campaign.runs.size(), seconds, settings.jobs,
             settings.jobs == 1 ? "" : "s");
  outputs.json = campaign_json(campaign, file);
  outputs.csv = campaign_csv(campaign);
  return campaign.verdict;
}

void write_outputs(const RunSettings& settings, const Outputs& outputs) {
  if (!settings.json_file.empty() && !outputs.json.empty()) {
    write_file_atomically(settings.json_file, outputs.json);
  }
  if (!settings.csv_file.empty() && !outputs.csv.empty()) {
    write_file_atomically(settings.csv_file, outputs.csv);
  }
}

}  // namespace

std::variant<SeedRange, std::string> parse_seed_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = parse_number(text.substr(0, dots));
  const auto last =
      dots == std::string_view::npos ? std::nullopt : parse_number(text.substr(dots + 2));
  if (!first || !last) {
    return fmt::format("found \"{}\"; expected A..B, two whole numbers, as in 1..1000", text);
  }
  if (*first > *last) {
    return fmt::format(
        "found \"{}\"; expected the first seed not to be above the last; did you mean \"{}..{}\"?",
        text, *last, *first);
  }
  if (*last - *first >= kSeedsMax) {
    return fmt::format("found {} seeds; expected at most {}", *last - *first + 1, kSeedsMax);
  }
  return SeedRange{*first, *last};
}

int run_command(const RunSettings& settings) {
  // Every file is checked before the first one runs.
  std::vector<Scenario> scenarios;
  std::vector<InputError> errors;
  for (const std::string& file : settings.files) {
    try {
      scenarios.push_back(load_scenario_file(file, settings.overrides));
    } catch (const BadInput& bad) {
      errors.insert(errors.end(), bad.errors().begin(), bad.errors().end());
    }
  }
  if (!errors.empty()) {
    throw BadInput(std::move(errors));
  }
  Verdict verdict = Verdict::pass;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    Outputs outputs;
    if (i > 0) {
      std::fputs("\n", stdout);
    }
    try {
      verdict = worst(verdict, settings.seeds
                                   ? run_many(settings, settings.files[i], scenarios[i], outputs)
                                   : run_once(settings, settings.files[i], scenarios[i], outputs));
    } catch (const RunFailure& failure) {
      const std::uint64_t seed = settings.seed.value_or(scenarios[i].seed());
      fmt::print(stderr, "windtunnel: a mistake of our own ended the run: {}\n  replay: {}\n",
                 failure.what(), replay_of(settings, settings.files[i], seed));
      verdict = Verdict::error;
    }
    write_outputs(settings, outputs);
  }
  return exit_code(verdict);
}

int plan_command(const PlanSettings& settings) {
  const Scenario scenario = load_scenario_file(settings.file, settings.overrides);
  const Plan plan = make_plan(scenario, settings.seed.value_or(scenario.seed()));
  const std::string text = settings.as_json ? plan_json(plan) : plan_text(plan);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int check_command(const std::vector<std::string>& files,
                  const std::vector<std::string>& overrides) {
  bool is_good = true;
  for (const std::string& file : files) {
    try {
      const Scenario scenario = load_scenario_file(file, overrides);
      fmt::print("{}: good: {}\n", file, scenario.name());
    } catch (const BadInput& bad) {
      fmt::print(stderr, "{}\n", bad.what());
      is_good = false;
    }
  }
  return is_good ? 0 : 3;
}

int list_command(const std::string& directory) {
  std::set<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{directory, error}) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".json" && !name.ends_with(".schema.json")) {
      files.insert(entry.path().string());
    }
  }
  if (error) {
    throw BadInput({{{directory}, "", error.message(), "a directory of scenario files", ""}});
  }
  bool is_good = true;
  for (const std::string& file : files) {
    try {
      const Scenario scenario = load_scenario_file(file);
      fmt::print("{}\n    {}\n    {}\n", file, scenario.name(), scenario.about());
    } catch (const BadInput& bad) {
      fmt::print(stderr, "{}\n", bad.what());
      is_good = false;
    }
  }
  return is_good ? 0 : 3;
}

}  // namespace windtunnel::chaos
