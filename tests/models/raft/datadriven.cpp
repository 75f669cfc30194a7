#include "tests/models/raft/datadriven.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <stdexcept>

namespace windtunnel::raft {

namespace {

/// Splits at spaces that are not within parentheses.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words(1);
  bool in_parentheses = false;
  for (const char c : line) {
    in_parentheses = c == '(' || (in_parentheses && c != ')');
    if (c == ' ' && !in_parentheses) {
      words.emplace_back();
    } else if (c != ' ') {
      words.back() += c;
    }
  }
  std::erase(words, "");
  return words;
}

Argument argument_of(const std::string& word) {
  Argument argument;
  const std::size_t equals = word.find('=');
  argument.name = word.substr(0, equals);
  if (equals == std::string::npos) {
    return argument;
  }
  std::string rest = word.substr(equals + 1);
  std::erase_if(rest, [](char c) { return c == '(' || c == ')'; });
  for (std::size_t begin = 0; begin <= rest.size() && !rest.empty();) {
    const std::size_t comma = std::min(rest.find(',', begin), rest.size());
    argument.values.push_back(rest.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return argument;
}

}  // namespace

std::vector<std::string> DataCase::values_of(std::string_view name) const {
  const auto found = std::find_if(arguments.begin(), arguments.end(),
                                  [name](const Argument& each) { return each.name == name; });
  return found == arguments.end() ? std::vector<std::string>{} : found->values;
}

std::vector<unsigned> DataCase::numbers() const {
  std::vector<unsigned> found;
  for (const Argument& argument : arguments) {
    if (argument.values.empty() &&
        std::isdigit(static_cast<unsigned char>(argument.name[0])) != 0) {
      found.push_back(static_cast<unsigned>(std::stoul(argument.name)));
    }
  }
  return found;
}

std::vector<DataCase> read_cases(const std::string& path) {
  std::ifstream file{path};
  if (!file) {
    throw std::runtime_error("cannot read " + path);
  }
  std::vector<DataCase> cases;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') {
      continue;
    }
    DataCase each;
    each.line = number;
    std::vector<std::string> words = words_of(line);
    each.command = words.at(0);
    for (std::size_t n = 1; n < words.size(); ++n) {
      each.arguments.push_back(argument_of(words[n]));
    }
    std::getline(file, line);
    ++number;
    if (line != "----") {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": expected ----");
    }
    while (std::getline(file, line) && !line.empty()) {
      ++number;
      each.expected += line + "\n";
    }
    ++number;
    cases.push_back(std::move(each));
  }
  return cases;
}

}  // namespace windtunnel::raft
