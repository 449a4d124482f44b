# Ticketrail. `make run` plays one order's whole story; `make test` proves everything; `make help` lists the rest.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

CC ?= gcc
NODE ?= nodejs
PKGS := fcgi json-c libmariadb libcurl libsodium libcrypto libcrypt

# A variant is a way of building, in a directory of its own: release (make, make run), test (with crash points; what
# make test and make check use), san (SAN=address,undefined), and fuzz (clang's libFuzzer; make fuzz).
VARIANT ?= $(if $(filter test check,$(MAKECMDGOALS)),test,release)
SAN ?=
ifneq ($(SAN),)
VARIANT := san
OPT := -O1 -g -DCRASH_POINTS -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDOPT := -fsanitize=$(SAN)
else ifeq ($(VARIANT),test)
OPT := -O1 -g -DCRASH_POINTS
else ifeq ($(VARIANT),fuzz)
OPT := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDOPT := -fsanitize=fuzzer,address,undefined
else
OPT := -O2 -g
endif
B := build/$(VARIANT)
GEN := build/gen

# V=1 shows the whole commands.
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)' $@)

WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wvla -Wconversion -Wundef -Werror
HARD := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fno-common -ftrivial-auto-var-init=zero
ifeq ($(VARIANT),fuzz) # clang, whose warnings are other ones and have been heard by make lint
WARN :=
HARD := -fPIE -fno-common
else ifeq ($(SAN),)
HARD += -D_FORTIFY_SOURCE=2
endif
CFLAGS_ALL = -std=gnu17 $(OPT) $(WARN) $(HARD) -Ilib -I$(GEN) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDOPT) $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS))

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(B)/gen/stmt.o $(B)/gen/schema.o $(B)/gen/password_common.o
POOLS := auth menu orders webhooks admin integrations delivery catalog people office reports ops
PROGRAMS := $(patsubst fcgi/%.c,$(B)/%,$(wildcard fcgi/*.c))
TEST_SRC := $(wildcard t/[0-9]*.c)
TEST_BIN := $(patsubst t/%.c,$(B)/t/%,$(TEST_SRC))
TEST_HELP := $(patsubst t/%.c,$(B)/t/%.o,$(filter-out $(TEST_SRC),$(wildcard t/*.c)))

# What an error's `type` leads to: a page for each row of err.def, and a list of them.
PROBLEMS := $(GEN)/problems/index.html
$(PROBLEMS): nginx/problems.awk lib/err/err.def
	@mkdir -p $(@D)
	$(Q)rm -f $(@D)/*.html && awk -v dir=$(@D) -f $^

.PHONY: all
all: $(PROGRAMS) $(PROBLEMS) ## build every program into build/release

.PHONY: help
help: ## this list
	@awk -F ' ## ' '/^[a-z-]+:.* ## / { sub(/:.*/, "", $$1); printf "make %-14s %s\n", $$1, $$2 }' Makefile

STMT_SQL := $(sort $(wildcard sql/stmt/*.sql))
$(GEN)/db/stmt.h: sql/stmt.awk $(STMT_SQL)
	@mkdir -p $(@D)
	$(Q)awk -v want=header -f sql/stmt.awk $(STMT_SQL) > $@
$(GEN)/stmt.c: sql/stmt.awk $(STMT_SQL)
	@mkdir -p $(@D)
	$(Q)awk -v want=table -f sql/stmt.awk $(STMT_SQL) > $@

SCHEMA_SQL := $(sort $(wildcard sql/schema/*.sql))
$(GEN)/schema.c: sql/schema.awk $(SCHEMA_SQL)
	@mkdir -p $(@D)
	$(Q)awk -f sql/schema.awk $(SCHEMA_SQL) > $@

COMMON := lib/crypto/password_common
$(GEN)/password_common.c: $(COMMON).awk $(COMMON).txt
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f $(COMMON).awk $(COMMON).txt > $@

$(B)/gen/%.o: $(GEN)/%.c $(GEN)/db/stmt.h
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -c -o $@ $<
$(B)/%.o: %.c | $(GEN)/db/stmt.h
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -c -o $@ $<
$(B)/t/%.o: t/%.c | $(GEN)/db/stmt.h
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) $(CFLAGS_ALL) -It -MMD -c -o $@ $<

$(B)/libticketrail.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,ar)
	$(Q)ar rcs $@ $^

# In programs built for tests, calls to other people's code can be failed on purpose, and memory run out: t/fail/*.h.
ifneq ($(VARIANT),release)
FAIL_OBJ := $(B)/t/fail/fail.o $(B)/t/fail/heap.o
FAIL_WRAP := $(shell awk -F '[(,)]' '/^CALL/ { print "-Wl,--wrap=" $$2 }' t/fail/calls.def)
endif
# A program that is too large for one file has the rest of it in a directory of its name.
part_objects = $(patsubst %.c,$(B)/%.o,$(wildcard fcgi/$(1)/*.c))
.SECONDEXPANSION:
$(PROGRAMS): $(B)/%: $(B)/fcgi/%.o $$(call part_objects,$$*) $(FAIL_OBJ) $(B)/libticketrail.a
	$(call say,ld)
	$(Q)$(CC) $(LDFLAGS_ALL) $(FAIL_WRAP) -o $@ $^ $(LIBS)
# An archive, so that a test is linked with the help it asks for and no more.
$(B)/t/libhelp.a: $(TEST_HELP)
	@rm -f $@
	$(call say,ar)
	$(Q)ar rcs $@ $^
$(TEST_BIN): $(B)/t/%: $(B)/t/%.o $(B)/t/libhelp.a $(B)/libticketrail.a
	$(call say,ld)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

# Fuzzing: t/fuzz/NAME.c is a target. In the variant fuzz a target looks for new inputs by itself; in all others it is a
# test's way to run the kept ones. Pools are in it with their whole tables: their main() has another name here, and where
# front, the guard and the database begin the target goes on (t/fuzz/door.c).
FUZZ_CC ?= $(if $(findstring ccache,$(CC)),ccache )clang-14
FUZZ := $(patsubst t/fuzz/%.c,%,$(shell grep -l '^LLVMFuzzerTestOneInput' t/fuzz/*.c))
FUZZ_BIN := $(FUZZ:%=$(B)/fuzz/%)
FUZZ_HELP := $(patsubst t/fuzz/%.c,$(B)/fuzz/%.o,$(filter-out $(FUZZ:%=t/fuzz/%.c) t/fuzz/replay.c,$(wildcard t/fuzz/*.c)))
FUZZ_WRAP = $(shell sed -n 's/^__wrap_\([a-z_]*\).*/-Wl,--wrap=\1/p' t/fuzz/door.c t/fuzz/no_database.c t/fuzz/$*.c)
$(B)/fuzz/%.o: t/fuzz/%.c | $(GEN)/db/stmt.h
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) $(CFLAGS_ALL) -It/fuzz -D'EVERY_POOL(ROW)=$(foreach pool,$(POOLS),ROW($(pool)))' -MMD -c -o $@ $<
$(B)/fuzz/pool/%.o: $(B)/fcgi/%.o
	@mkdir -p $(@D)
	$(Q)objcopy --redefine-sym main=$*_main $< $@
$(B)/fuzz/libhelp.a: $(FUZZ_HELP) $(POOLS:%=$(B)/fuzz/pool/%.o) $(foreach pool,$(POOLS),$(call part_objects,$(pool)))
	@rm -f $@
	$(call say,ar)
	$(Q)ar rcs $@ $^
$(FUZZ_BIN): $(B)/fuzz/%: $(B)/fuzz/%.o $(if $(filter fuzz,$(VARIANT)),,$(B)/fuzz/replay.o) $(B)/fuzz/libhelp.a $(B)/libticketrail.a
	$(call say,ld)
	$(Q)$(CC) $(LDFLAGS_ALL) $(FUZZ_WRAP) -o $@ -Wl,--start-group $^ -Wl,--end-group $(LIBS)

# Measuring. Programs of their own, which share no line with the library.
BENCH_BIN := $(patsubst t/bench/%.c,$(B)/bench/%,$(wildcard t/bench/*.c))
$(B)/bench/pos: $(wildcard t/bench/pos/*.[ch])
$(BENCH_BIN): $(B)/bench/%: t/bench/%.c
	@mkdir -p $(@D)
	$(call say,ld)
	$(Q)$(CC) $(CFLAGS_ALL) -D_GNU_SOURCE $(LDFLAGS_ALL) -o $@ $(filter %.c,$^) -Wl,--as-needed $(shell pkg-config --libs libmariadb fcgi libcurl libssl libcrypto)

# The house, running. PORT=8443 chooses the port; without it make run takes 8443 or the next free one, make up any. POS=toast says at
# which POS the demo restaurant is: petpooja, toast, square or clover.
STACK := TICKETRAIL_BUILD=$(B) $(NODE) t/stack

.PHONY: packages run up down
packages: ## install the Debian packages that are missing
	@t/stack/packages.sh
run: packages ## the whole house and one order's story, until Ctrl-C
	@$(STACK)/wishes.js
	@$(MAKE) -s -j$$(nproc) --no-print-directory all
	@$(STACK)/run.js
up: packages ## the same in the background; writes var/stack.env
	@$(STACK)/wishes.js
	@$(MAKE) -s -j$$(nproc) --no-print-directory all
	@$(STACK)/up.js
down: ## end it
	@$(STACK)/down.js

# Tests, lower numbers first. T=310 takes those whose names begin so; the model takes minutes, and is no unit.
TESTS := $(sort $(wildcard $(foreach kind,c js sh,t/$(or $(T),[0-9])*.$(kind))))
UNITS := $(if $(T),$(TESTS),$(filter-out %.js t/310_%,$(filter t/0% t/1% t/2% t/3% t/5%,$(TESTS))))
FUZZ_RUN := $(if $(filter t/190_%,$(TESTS)),$(FUZZ_BIN)) # what 190 runs
PROVE := TICKETRAIL_BUILD=$(B) NODE=$(NODE) t/prove

.PHONY: test check requirements
test: $(PROGRAMS) $(TEST_BIN) $(FUZZ_RUN) $(PROBLEMS) ## everything; SAN=address,undefined with sanitizers
	@WHOLE=$(if $(T),,1) $(PROVE) $(TESTS)
check: $(PROGRAMS) $(TEST_BIN) $(FUZZ_RUN) $(PROBLEMS) ## what needs no database, in seconds; T=310 what begins with 310
	@$(PROVE) $(UNITS)
.PHONY: test-systemd
test-systemd: ## the installed units, booted in a container of Debian 12; needs root, not part of make test
	@t/stack/packages.sh debootstrap systemd-container procps
	@$(MAKE) -s --no-print-directory all
	@TICKETRAIL_BUILD=$(B) t/systemd/run.sh
requirements: ## the requirements that no test proved when tests last ran
	@LC_ALL=C awk -f t/requirements.awk t/requirements.tsv $(wildcard build/*/tap/*.tap)

# S seconds of looking for what breaks a target's promises; without F the targets are named.
S ?= 60
.PHONY: fuzz fuzz-target
fuzz: ## F=json S=60 looks for inputs that break what t/fuzz/json.c promises; without F: the list; S=keep keeps what was learned
	@$(if $(F),t/stack/packages.sh clang-14 libclang-rt-14-dev,for t in $(FUZZ); do sed -n "2s/^ \* //p" t/fuzz/$$t.c; done)
	$(if $(F),@$(MAKE) -s --no-print-directory VARIANT=fuzz CC="$(FUZZ_CC)" SAN= F=$(F) fuzz-target)
	$(if $(F),@NODE=$(NODE) t/fuzz/run.sh $(F) $(S))
fuzz-target: $(B)/fuzz/$(F)

# Hours are welcome: CYCLES=2000 deaths and misdeeds, SEED= to choose them again.
CYCLES ?= 2000
.PHONY: soak
soak: ## CYCLES=2000 of the sweep, a minute of each target of fuzz, and the model searched further; an hour
	@$(MAKE) -s --no-print-directory VARIANT=test soak-programs
	@TICKETRAIL_BUILD=build/test NODE=$(NODE) t/soak.sh $(CYCLES)
.PHONY: soak-programs
soak-programs: $(PROGRAMS) $(PROBLEMS)

.PHONY: bench bench-programs
bench-programs: $(PROGRAMS) $(BENCH_BIN)
bench: ## routes and the relay beside their floors; PART=menu,order chooses, S=3 seconds a turn, ROUNDS=5; POS=mixed PART=relay,hung: all four POS
	@t/stack/packages.sh wrk
	@$(MAKE) --no-print-directory bench-programs
	@TICKETRAIL_BUILD=$(B) $(NODE) t/bench/bench.js

.PHONY: routes states stmts
routes: all ## every route of every pool
	@for pool in $(POOLS); do test ! -x $(B)/$$pool || $(B)/$$pool --routes; done
states: ## every transition of every axis
	@awk '/^[A-Z_]*_ROW\(/ { print FILENAME ": " $$0 }' $(wildcard lib/*/*_state.def)
stmts: ## every statement: its shape and who may run it
	@grep -H '^-- [a-z0-9_]* -> ' $(STMT_SQL)

# Installing, with DESTDIR= for packagers. What is written for /usr is rewritten for another PREFIX.
PREFIX ?= /usr
DESTDIR ?=
AT := $(DESTDIR)$(PREFIX)
UNITS_SYSTEMD := $(patsubst systemd/%,%,\
	$(filter-out %.d,$(wildcard systemd/*.service systemd/*.socket systemd/*.target systemd/*.d/*.conf)))
NGINX_CONF := $(wildcard nginx/*.conf)
FOR_PREFIX := sed 's|/usr/lib/ticketrail|$(PREFIX)/lib/ticketrail|g; s|/usr/share/ticketrail|$(PREFIX)/share/ticketrail|g'

.PHONY: install uninstall
install: all ## programs, systemd units, nginx files; DESTDIR= PREFIX=/usr
	$(Q)install -d -m 755 '$(AT)/bin' '$(AT)/lib/ticketrail' '$(AT)/lib/systemd/system' '$(AT)/lib/sysusers.d' \
		'$(AT)/lib/tmpfiles.d' '$(AT)/share/ticketrail/nginx' \
		'$(AT)/share/ticketrail/html/docs' '$(AT)/share/ticketrail/html/problems'
	$(Q)install -m 755 $(B)/ticketrail '$(AT)/bin/ticketrail'
	$(Q)install -m 755 $(filter-out $(B)/ticketrail,$(PROGRAMS)) '$(AT)/lib/ticketrail'
	$(Q)for file in $(UNITS_SYSTEMD); do install -d -m 755 "$$(dirname "$(AT)/lib/systemd/system/$$file")" && \
		$(FOR_PREFIX) "systemd/$$file" | install -m 644 /dev/stdin "$(AT)/lib/systemd/system/$$file" || exit 1; done
	$(Q)for file in $(NGINX_CONF); do sed -f nginx/product.sed $$file | $(FOR_PREFIX) | \
		install -m 644 /dev/stdin "$(AT)/share/ticketrail/nginx/$${file##*/}" || exit 1; done
	$(Q)install -m 644 systemd/ticketrail.sysusers '$(AT)/lib/sysusers.d/ticketrail.conf'
	$(Q)install -m 644 systemd/ticketrail.tmpfiles '$(AT)/lib/tmpfiles.d/ticketrail.conf'
	$(Q)install -m 644 nginx/html/openapi.yaml '$(AT)/share/ticketrail/html/openapi.yaml'
	$(Q)install -m 644 nginx/html/docs/* '$(AT)/share/ticketrail/html/docs'
	$(Q)install -m 644 $(GEN)/problems/* '$(AT)/share/ticketrail/html/problems'
	$(Q)install -m 644 systemd/alerts.yml '$(AT)/share/ticketrail/alerts.yml'
	$(Q)install -m 644 .env.example '$(AT)/share/ticketrail/ticketrail.conf'
uninstall: ## takes that away again; configuration and database stay
	$(Q)rm -f '$(AT)/bin/ticketrail' '$(AT)/lib/sysusers.d/ticketrail.conf' '$(AT)/lib/tmpfiles.d/ticketrail.conf'
	$(Q)for file in $(UNITS_SYSTEMD); do rm -f "$(AT)/lib/systemd/system/$$file"; done
	$(Q)for dir in $(sort $(filter %.d/,$(dir $(UNITS_SYSTEMD)))); do \
		rmdir "$(AT)/lib/systemd/system/$$dir" 2>/dev/null || :; done
	$(Q)rm -rf '$(AT)/lib/ticketrail' '$(AT)/share/ticketrail'

# Redocly, at the versions that t/api/package-lock.json pins; needs the network once. npm is Debian's where there is none. Where
# npm's registry cannot be reached, that is said and nothing else is held up.
REDOCLY := build/api/node_modules/.bin/redocly
$(REDOCLY): t/api/package.json t/api/package-lock.json
	@command -v npm >/dev/null || t/stack/packages.sh npm
	@mkdir -p build/api && cp t/api/package.json t/api/package-lock.json build/api
	$(call say,npm)
	$(Q)cd build/api && npm ci --silent --ignore-scripts --no-audit --no-fund >/dev/null && touch ../../$@
.PHONY: lint-api audit
lint-api: ## openapi.yaml, by Redocly's recommendations
	$(Q)$(MAKE) -s --no-print-directory $(REDOCLY) || { echo 'lint-api: Redocly could not be had, openapi.yaml was not judged'; exit 0; }; \
		said=$$(REDOCLY_TELEMETRY=off $(REDOCLY) lint --config .ci/redocly.yaml nginx/html/openapi.yaml 2>&1) || \
		{ printf '%s\n' "$$said"; exit 1; }
audit: ## known holes in what the house is made of, as far as somebody can be asked
	@NODE=$(NODE) .ci/audit

SHELL_FILES := t/exec t/prove .ci/run .ci/audit $(wildcard t/*.sh t/fuzz/*.sh t/stack/*.sh t/systemd/*.sh)
C_FILES := $(wildcard lib/*/*.c fcgi/*.c fcgi/*/*.c t/*.c)
.PHONY: lint
lint: $(GEN)/db/stmt.h lint-api ## clang-tidy, cppcheck, shellcheck, Redocly
	$(Q)shellcheck $(SHELL_FILES)
	$(Q)for file in $(wildcard t/*.js t/*/*.js); do $(NODE) --check $$file || exit 1; done
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --suppressions-list=.ci/cppcheck -j2 \
		--enable=warning,performance,portability -DCRASH_POINTS -Ilib -I$(GEN) -It lib fcgi
	$(Q)printf '%s\n' $(C_FILES) | xargs -P2 -n8 sh -c 'clang-tidy --quiet "$$@" -- -std=gnu17 -Ilib -I$(GEN) -It \
		$(shell pkg-config --cflags $(PKGS)) 2>&1 | awk "!/warnings? generated|^Suppressed|^Use -header-filter/" | \
		{ ! grep .; }' tidy

-include $(shell find $(B) -name '*.d' 2>/dev/null)
