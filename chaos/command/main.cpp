// The program `windtunnel`: reads the command line and calls a verb.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "chaos/command/allocator.hpp"
#include "chaos/command/verbs.hpp"
#include "chaos/scenario/input_error.hpp"
#include "chaos/scenario/nearest_name.hpp"

namespace windtunnel::chaos {

namespace {

constexpr int kBadInput = 3;
constexpr int kInternalError = 4;

constexpr const char* kExitCodes =
    "Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 bad input or usage, 4 internal error.";

std::string check_seed_range(const std::string& text) {
  const auto parsed = parse_seed_range(text);
  const auto* problem = std::get_if<std::string>(&parsed);
  return problem == nullptr ? std::string{} : *problem;
}

void add_run(CLI::App& app, RunSettings& settings, std::string& seeds) {
  auto* run = app.add_subcommand("run", "Run scenarios and judge them");
  run->add_option("FILE", settings.files, "Scenario files")->required();
  auto* seed =
      run->add_option("--seed", settings.seed, "Seed of the run (default: the scenario's)");
  run->add_option("--seeds", seeds, "Run every seed from A to B and report over all of them")
      ->type_name("A..B")
      ->check(CLI::Validator(check_seed_range, ""))
      ->excludes(seed);
  run->add_option("--jobs", settings.jobs,
                  "Runs side by side, one thread each (default: one per core with --seeds)")
      ->check(CLI::Range(1U, 1024U));
  run->add_option("--set", settings.overrides,
                  "Replace a value: --set control_plane.raft.election_ticks=20")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  auto* json =
      run->add_option("--json", settings.json_file, "Write the report for machines to this file");
  auto* csv =
      run->add_option("--csv", settings.csv_file, "Write one row per seed, one column per measure");
  run->add_flag("--check-determinism", settings.checks_determinism,
                "Run twice, compare event by event, name the first that differs")
      ->excludes(json)
      ->excludes(csv);
  const std::map<std::string, ColourChoice> choices{{"auto", ColourChoice::automatic},
                                                    {"always", ColourChoice::always},
                                                    {"never", ColourChoice::never}};
  run->add_option("--color", settings.colour, "Colours: auto, always or never")
      ->transform(CLI::CheckedTransformer(choices).description(""))
      ->type_name("WHEN");
}

void add_plan(CLI::App& app, PlanSettings& settings) {
  auto* plan = app.add_subcommand("plan", "Show what a run will do, with everything random drawn");
  plan->add_option("FILE", settings.file, "Scenario file")->required();
  plan->add_option("--seed", settings.seed, "Seed (default: the scenario's)");
  plan->add_option("--set", settings.overrides, "Replace a value")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  plan->add_flag("--json", settings.as_json,
                 "As a scenario file that says exactly this run, for windtunnel run");
}

/// The option that was probably meant by an unknown one.
std::string nearest_option(const CLI::App& app, const std::string& unknown) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands()) {
    for (const CLI::Option* option : command->get_options()) {
      names.push_back(option->get_name(false, true));
    }
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return nearest_name(unknown, names);
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  if (const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error)) {
    const std::vector<std::string> unknown = app.remaining(true);
    text = extras->what();
    if (!unknown.empty()) {
      text = fmt::format("found {}; expected an option or verb of --help", unknown.front());
      if (const std::string nearest = nearest_option(app, unknown.front()); !nearest.empty()) {
        text += fmt::format("; did you mean {}?", nearest);
      }
    }
  }
  fmt::print(stderr, "windtunnel: {}\nTry windtunnel --help.\n", text);
  return kBadInput;
}

/// Rejects settings that each are good but do not go together.
void check_together(const RunSettings& settings) {
  if (settings.files.size() > 1 && !(settings.json_file.empty() && settings.csv_file.empty())) {
    throw CLI::ValidationError("--json and --csv hold the results of one scenario",
                               fmt::format("found {} files", settings.files.size()));
  }
  if (settings.seeds && settings.checks_determinism) {
    throw CLI::ValidationError("--check-determinism", "takes one seed (--seed), not a range");
  }
}

int dispatch(int argc, char** argv) {
  CLI::App app{"windtunnel: a wind tunnel for control planes"};
  app.require_subcommand(1);
  app.footer(kExitCodes);
  RunSettings run;
  PlanSettings plan;
  std::string seeds;
  std::vector<std::string> checked_files;
  std::vector<std::string> checked_overrides;
  std::string listed = "scenarios";
  add_run(app, run, seeds);
  add_plan(app, plan);
  auto* check = app.add_subcommand("check", "Check scenario files without running them");
  check->add_option("FILE", checked_files, "Scenario files")->required();
  check->add_option("--set", checked_overrides, "Replace a value")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  auto* list = app.add_subcommand("list", "Name the scenarios of a directory");
  list->add_option("DIRECTORY", listed, "Where to look (default: scenarios)");
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->footer(kExitCodes);
  }
  try {
    app.parse(argc, argv);
    if (app.got_subcommand("run")) {
      if (!seeds.empty()) {
        run.seeds = std::get<SeedRange>(parse_seed_range(seeds));
        const bool chose_jobs = app.get_subcommand("run")->count("--jobs") > 0;
        run.jobs = chose_jobs ? run.jobs : std::max(1U, std::thread::hardware_concurrency());
      }
      check_together(run);
      return run_command(run);
    }
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  if (app.got_subcommand("plan")) {
    return plan_command(plan);
  }
  return app.got_subcommand("list") ? list_command(listed)
                                    : check_command(checked_files, checked_overrides);
}

}  // namespace

}  // namespace windtunnel::chaos

int main(int argc, char** argv) {
  namespace chaos = windtunnel::chaos;
  chaos::prepare_allocator();
  try {
    return chaos::dispatch(argc, argv);
  } catch (const chaos::BadInput& bad) {
    fmt::print(stderr, "{}\n", bad.what());
    return chaos::kBadInput;
  } catch (const std::filesystem::filesystem_error& error) {
    fmt::print(stderr, "windtunnel: {}\n", error.what());
    return chaos::kBadInput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "windtunnel: internal error: {}\n", error.what());
    return chaos::kInternalError;
  }
}
