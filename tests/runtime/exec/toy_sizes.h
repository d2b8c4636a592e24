// Sizes of the toy artifact, for its code (C) and for whoever writes its manifest (C++).
#ifndef SWITCHYARD_TESTS_RUNTIME_EXEC_TOY_SIZES_H
#define SWITCHYARD_TESTS_RUNTIME_EXEC_TOY_SIZES_H

#define TOY_LAYERS 2
#define TOY_HIDDEN 24
#define TOY_INNER 40
#define TOY_EXPERTS 5
#define TOY_CHOICES 2
#define TOY_TOKENS 32                    // the limit of the one dimension
#define TOY_ROUTER_ELEMENTS (24 * 16)    // panels of 5 x 24
#define TOY_UP_ELEMENTS (3 * 24 * 16)    // panels of 40 x 24
#define TOY_DOWN_ELEMENTS (2 * 40 * 16)  // panels of 24 x 40
#define TOY_SITES 9                      // of one layer
#define TOY_SLOTS 11
#define TOY_WEIGHTS 3

#endif  // SWITCHYARD_TESTS_RUNTIME_EXEC_TOY_SIZES_H
