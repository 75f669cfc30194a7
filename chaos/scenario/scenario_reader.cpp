#include "chaos/scenario/scenario_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "chaos/scenario/json_pointer.hpp"
#include "chaos/scenario/nearest_name.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::size_t kQuotedMax = 60;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string shortened(std::string text) {
  if (text.size() > kQuotedMax) {
    std::size_t end = kQuotedMax;
    while (end > 0 && continues_character(text[end])) {
      --end;
    }
    text = text.substr(0, end) + "...";
  }
  return text;
}

}  // namespace

Node Node::member(std::string_view key) const {
  Node child = *this;
  child.json_ = &json_->at(std::string{key});
  child.pointer_ = pointer_to(pointer_, key);
  child.stream_ = pointer_to(stream_, key);
  return child;
}

Node Node::element(std::size_t index) const {
  Node child = *this;
  child.json_ = &json_->at(index);
  child.pointer_ = pointer_to(pointer_, index);
  child.stream_ = pointer_to(stream_, index);
  return child;
}

std::vector<Node> Node::elements(std::string_view expected) const {
  std::vector<Node> nodes;
  if (!json_->is_array()) {
    complain(std::string{expected});
    return nodes;
  }
  for (std::size_t i = 0; i < json_->size(); ++i) {
    nodes.push_back(element(i));
  }
  return nodes;
}

std::vector<std::pair<std::string, Node>> Node::members(std::string_view expected) const {
  std::vector<std::pair<std::string, Node>> nodes;
  if (!json_->is_object()) {
    complain(std::string{expected});
    return nodes;
  }
  for (const auto& [key, value] : json_->items()) {
    Node child = *this;
    child.json_ = &value;
    child.pointer_ = pointer_to(pointer_, key);
    child.stream_ = pointer_to(stream_, key);
    nodes.emplace_back(key, std::move(child));
  }
  return nodes;
}

void Node::name_stream(std::string_view name) {
  stream_ = pointer_to(parent_pointer(stream_), name);
}

void Node::complain(std::string found, std::string expected, std::string nearest) const {
  const std::string origin = reading_->source.origin_of(pointer_);
  note({reading_->source.place_of(origin), origin, std::move(found), std::move(expected),
        std::move(nearest)});
}

void Node::complain_about_key(std::string found, std::string expected, std::string nearest) const {
  const std::string origin = reading_->source.origin_of(pointer_);
  note({reading_->source.place_of_key(origin), origin, std::move(found), std::move(expected),
        std::move(nearest)});
}

/// Of the many that a key with braces stands for, the first with a problem is enough.
void Node::note(InputError error) const {
  ++reading_->problems;
  std::vector<InputError>& errors = reading_->errors;
  const auto is_same_problem = [&](const InputError& other) {
    return other.place == error.place && other.pointer == error.pointer;
  };
  if (error.pointer == pointer_ || std::none_of(errors.begin(), errors.end(), is_same_problem)) {
    errors.push_back(std::move(error));
  }
}

std::string Node::found() const {
  switch (json_->type()) {
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::string:
      return shortened(json_->dump());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      return "the number " + json_->dump();
    default:
      return json_->dump();
  }
}

Block::Block(const Node& node, const KeySet& keys) : node_(node), keys_(keys) {
  for (const auto& [key, child] : node.members("an object")) {
    const bool known = std::find(keys.keys.begin(), keys.keys.end(), key) != keys.keys.end();
    if (!known && !key.starts_with("x-")) {
      child.complain_about_key(fmt::format("the unknown key {}", shortened(Json(key).dump())),
                               fmt::format("one of {}", fmt::join(keys.keys, ", ")),
                               nearest_name(key, keys.keys));
    }
  }
}

bool Block::has(std::string_view key) const {
  check(std::find(keys_.keys.begin(), keys_.keys.end(), key) != keys_.keys.end(),
        "a block is asked for a key outside its list");
  return node_.json().is_object() && node_.json().contains(key);
}

bool Block::require(std::string_view key) const {
  if (node_.json().is_object() && !has(key)) {
    node_.complain(fmt::format("no \"{}\"", key), fmt::format("\"{}\", which is required", key));
  }
  return has(key);
}

}  // namespace windtunnel::chaos
