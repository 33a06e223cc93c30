# What native/tests/fuzz runs, by clang. OUT: the folder of what is made; NODE: that of the headers of Node-API.
NATIVE := ..
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS := -std=c++20 -DNAPI_VERSION=8 -DNODE_ADDON_API_CPP_EXCEPTIONS -isystem $(NODE) -isystem ../../node_modules/node-addon-api $(SANITIZE) \
  -fsanitize=fuzzer-no-link -MD -MP
core := $(OUT)/core/result.o

all: $(addprefix $(OUT)/fuzz-,$(NAMES))
$(OUT)/fuzz-wire: $(OUT)/tests/fuzz_wire.o $(OUT)/core/wire.o $(core)
$(OUT)/fuzz-tables: $(OUT)/tests/fuzz_tables.o $(core)
$(OUT)/fuzz-answers: $(OUT)/tests/fuzz_answers.o $(OUT)/init/messages.o $(core)
$(OUT)/fuzz-exchange: $(OUT)/tests/fuzz_exchange.o
$(OUT)/fuzz-netlink: $(OUT)/tests/fuzz_netlink.o
# What of Node-API its headers name is never called.
$(OUT)/fuzz-netlink: LINK := -Wl,--unresolved-symbols=ignore-all
$(OUT)/fuzz-%:
	clang++ $(SANITIZE) -fsanitize=fuzzer $^ $(LINK) -o $@

$(OUT)/%.o: $(NATIVE)/%.cc
	@mkdir -p $(@D)
	clang++ $(FLAGS) -c $< -o $@

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
