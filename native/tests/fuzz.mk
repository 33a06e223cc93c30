# What native/tests/fuzz runs, by clang. OUT: the folder of what is made; NODE: that of the headers of Node-API; NAMES: of targets.
NATIVE := ..
SANITIZE := -O1 -gline-tables-only -fsanitize=address,undefined -fno-sanitize-recover=all
COVER := -fsanitize=fuzzer-no-link -MD -MP
QUICKJS := ../../build/quickjs/source
FLAGS := -std=c++20 -DNAPI_VERSION=8 -DNODE_ADDON_API_CPP_EXCEPTIONS -isystem $(NODE) -isystem ../../node_modules/node-addon-api -isystem $(QUICKJS) -I../engine \
  $(SANITIZE) $(COVER)
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

# The engine of the executable with the addon: one program, which looks at its own name.
engine_targets := documents readers events calls engine
engine_sources := $(filter-out $(addprefix ../engine/,main.cc compile.cc train.cc sanitizers.cc),$(wildcard ../engine/*.cc)) $(wildcard ../addon/*.cc) \
  ../core/exchange.cc $(wildcard fuzz_engine*.cc)
engine_objects := $(engine_sources:../%.cc=$(OUT)/%.o)
engine_objects := $(engine_objects:fuzz_%.cc=$(OUT)/tests/fuzz_%.o)
quickjs_objects := $(addprefix $(OUT)/quickjs/,immortal.o refusal.o libregexp.o libunicode.o cutils.o dtoa.o)
script := $(OUT)/script.js
comma := ,
# Calls that could wait for ever (fuzz_engine_room.cc).
waiting := poll open read write recvmsg sendmsg

$(addprefix $(OUT)/fuzz-,$(engine_targets)): $(OUT)/fuzz-on-engine $(script)
	ln -sf fuzz-on-engine $@

$(OUT)/fuzz-on-engine: $(engine_objects) $(quickjs_objects) $(OUT)/init_image.o
	clang++ $(SANITIZE) -fsanitize=fuzzer $^ -lm $(addprefix -Wl$(comma)--wrap=,$(waiting) __sanitizer_cov_trace_pc) -o $@

$(OUT)/init_image.o: ../addon/init_image.S ../../build/Release/init
	gcc -DINIT_IMAGE='"../../build/Release/init"' -c $< -o $@

# Tells libFuzzer which instructions of a script were carried out; the rest of the text stays as it is.
$(OUT)/quickjs/quickjs.c: $(QUICKJS)/quickjs.c fuzz.mk
	@mkdir -p $(@D)
	sed 's/goto \*dispatch_table\[opcode = \*pc++\];/goto *dispatch_table[(count_instruction(b, pc), opcode = *pc++)];/' $< >$@.new
	grep -q 'count_instruction(b, pc)' $@.new
	mv $@.new $@

C_FLAGS := -O1 -fwrapv -funsigned-char -D_GNU_SOURCE -DCONFIG_VERSION='"fuzzed"' -w -I$(OUT)/quickjs -I$(QUICKJS) -I../engine \
  -fsanitize=address,undefined -fsanitize-coverage=trace-pc -MD -MP
$(OUT)/quickjs/immortal.o: $(OUT)/quickjs/quickjs.c
$(OUT)/quickjs/immortal.o: private C_FLAGS += -include fuzz_script.h
# By gcc: clang takes minutes for its interpreter.
$(OUT)/quickjs/%.o: ../engine/%.c
	@mkdir -p $(@D)
	gcc $(C_FLAGS) -fno-sanitize-recover=undefined -c $< -o $@
$(OUT)/quickjs/%.o: $(QUICKJS)/%.c
	@mkdir -p $(@D)
	gcc $(C_FLAGS) -fno-sanitize-recover=undefined -c $< -o $@

# What is fuzzed of src/, in one script.
$(script): $(shell find ../../src fuzzed -name '*.ts')
	../../node_modules/.bin/bun build fuzzed/main.ts --outfile $@ --target=node --format=iife --define import.meta.url=undefined >/dev/null

$(OUT)/%.o: $(NATIVE)/%.cc
	@mkdir -p $(@D)
	clang++ $(FLAGS) -c $< -o $@

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
