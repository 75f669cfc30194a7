#include "sim/huge_page.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace windtunnel::sim {

HugePage make_small_pages() {
  return HugePage{
      static_cast<std::byte*>(::operator new(kHugePageBytes, std::align_val_t{kHugePageBytes}))};
}

HugePage make_huge_page() {
  HugePage page = make_small_pages();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  static_cast<void>(madvise(page.get(), kHugePageBytes, MADV_HUGEPAGE));
#endif
  return page;
}

}  // namespace windtunnel::sim
