#include "chaos/scenario/gate_document.hpp"

#include "chaos/scenario/json_pointer.hpp"

namespace windtunnel::chaos {

namespace {

gate::Leaf leaf_of(std::string pointer, const Json& json) {
  if (json.is_string()) {
    return {std::move(pointer), gate::LeafKind::text, json.get<std::string>()};
  }
  if (json.is_boolean()) {
    return {std::move(pointer), gate::LeafKind::truth, json.dump()};
  }
  return json.is_null() ? gate::Leaf{std::move(pointer), gate::LeafKind::nothing, ""}
                        : gate::Leaf{std::move(pointer), gate::LeafKind::number, json.dump()};
}

void add_leaves(const Json& json, const std::string& pointer, gate::Document& document) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      add_leaves(value, pointer_to(pointer, key), document);
    }
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      add_leaves(json[i], pointer_to(pointer, i), document);
    }
  } else {
    document.push_back(leaf_of(pointer, json));
  }
}

}  // namespace

gate::Document gate_document_of(const Json& json) {
  gate::Document document;
  add_leaves(json, "", document);
  return document;
}

Json json_of(const gate::Document& document) {
  Json flat = Json::object();
  for (const gate::Leaf& leaf : document) {
    switch (leaf.kind) {
      case gate::LeafKind::text:
        flat[leaf.pointer] = leaf.text;
        break;
      case gate::LeafKind::nothing:
        flat[leaf.pointer] = nullptr;
        break;
      default:
        flat[leaf.pointer] = Json::parse(leaf.text);
    }
  }
  return document.empty() ? Json::object() : flat.unflatten();
}

}  // namespace windtunnel::chaos
