// The message types that a live host can read, by the wire id that frames carry.
#pragma once

#include <cstdint>
#include <map>

#include <boost/mp11/list.hpp>

#include "runtime/payload.hpp"

namespace windtunnel::live {

class TypeRegistry {
 public:
  /// Adding a type again changes nothing; two names with the same wire id are a mistake.
  template <Named... T>
  void add() {
    (add(description_of<T>()), ...);
  }
  /// Of all types of a list.
  template <Named... T>
  [[nodiscard]] static TypeRegistry of(boost::mp11::mp_list<T...>) {
    TypeRegistry types;
    types.add<T...>();
    return types;
  }
  void add(const TypeDescription& type) {
    const auto [entry, added] = types_.try_emplace(type.id, &type);
    check(added || entry->second->name == type.name, "wire ids of message types differ");
  }

  /// Null where the id is unknown.
  [[nodiscard]] const TypeDescription* find(std::uint32_t id) const {
    const auto found = types_.find(id);
    return found == types_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::uint32_t, const TypeDescription*> types_;
};

}  // namespace windtunnel::live
