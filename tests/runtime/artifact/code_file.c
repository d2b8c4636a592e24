// A code file for the example manifest, with one fault where a macro asks for it.
#ifdef NO_TABLE
__attribute__((visibility("default"))) const void *moe_library_query(unsigned version) { return 0; }
#else
#include "runtime/base/import_table.h"

#ifndef ABI
#define ABI 1
#endif
#ifndef SITES
#define SITES 12
#endif
#ifndef RESULT
#define RESULT 100
#endif
#ifndef SANITIZER
#define SANITIZER 0
#endif

#ifdef UNDEFINED
int32_t somewhere_else(void);
#endif
#ifdef INDIRECT
static int32_t target(void) { return 0; }
static void *volatile choice;
static void *resolve(void) { return choice ? choice : (void *)target; }
__attribute__((visibility("hidden"), ifunc("resolve"))) int32_t indirect(void);
#endif
#ifdef CONSTRUCTOR
static volatile int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 1; }
#endif
#ifdef DESTRUCTOR
static volatile int destroyed;
__attribute__((destructor)) static void destroy(void) { destroyed = 1; }
#endif
#ifdef TWO_EXPORTS
__attribute__((visibility("default"))) int32_t another(void) { return 0; }
#endif

static int32_t run(const MoeEnvironment *environment) {
#ifdef UNDEFINED
  return somewhere_else();
#elif defined(INDIRECT)
  return indirect();
#else
  return environment->rank + RESULT;
#endif
}

static const MoeLibrary library = {ABI, SANITIZER, 3, 2, 2, 5, 16, SITES, run};

#ifndef NO_EXPORT
__attribute__((visibility("default")))
#endif
const MoeLibrary *moe_library_query(uint32_t version) {
#ifdef REFUSES
  return 0;
#else
  return version >= 1 ? &library : 0;
#endif
}
#endif
