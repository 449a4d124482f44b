# Ticketrail. `make run` plays one order's whole story; `make test` proves everything; `make help` lists the rest.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

CC ?= gcc
NODE ?= nodejs
PKGS := fcgi json-c libmariadb libcurl libsodium libcrypto

# A variant is a way of building, in a directory of its own: release (make, make run), test (with crash points),
# and san (SAN=address,undefined).
VARIANT ?= release
SAN ?=
ifneq ($(SAN),)
VARIANT := san
OPT := -O1 -g -DCRASH_POINTS -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDOPT := -fsanitize=$(SAN)
else ifeq ($(VARIANT),test)
OPT := -O1 -g -DCRASH_POINTS
else
OPT := -O2 -g
endif
B := build/$(VARIANT)
GEN := build/gen

WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wvla -Wconversion -Wundef -Werror
HARD := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fno-common -ftrivial-auto-var-init=zero
ifeq ($(SAN),)
HARD += -D_FORTIFY_SOURCE=2
endif
CFLAGS_ALL = -std=gnu17 $(OPT) $(WARN) $(HARD) -Ilib -I$(GEN) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDOPT) $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS))

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(B)/gen/stmt.o $(B)/gen/schema.o
PROGRAMS := $(patsubst fcgi/%.c,$(B)/%,$(wildcard fcgi/*.c))
TEST_SRC := $(wildcard t/[0-9]*.c)
TEST_BIN := $(patsubst t/%.c,$(B)/t/%,$(TEST_SRC))
TEST_HELP := $(patsubst t/%.c,$(B)/t/%.o,$(filter-out $(TEST_SRC),$(wildcard t/*.c)))

.PHONY: all
all: $(PROGRAMS)

STMT_SQL := $(sort $(wildcard sql/stmt/*.sql))
$(GEN)/db/stmt.h: sql/stmt.awk $(STMT_SQL)
	@mkdir -p $(@D)
	awk -v want=header -f sql/stmt.awk $(STMT_SQL) > $@
$(GEN)/stmt.c: sql/stmt.awk $(STMT_SQL)
	@mkdir -p $(@D)
	awk -v want=table -f sql/stmt.awk $(STMT_SQL) > $@

SCHEMA_SQL := $(sort $(wildcard sql/schema/*.sql))
$(GEN)/schema.c: sql/schema.awk $(SCHEMA_SQL)
	@mkdir -p $(@D)
	awk -f sql/schema.awk $(SCHEMA_SQL) > $@

$(B)/gen/%.o: $(GEN)/%.c $(GEN)/db/stmt.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -c -o $@ $<
$(B)/%.o: %.c | $(GEN)/db/stmt.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -c -o $@ $<
$(B)/t/%.o: t/%.c | $(GEN)/db/stmt.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -It -MMD -c -o $@ $<

$(B)/libticketrail.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(PROGRAMS): $(B)/%: $(B)/fcgi/%.o $(B)/libticketrail.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
$(TEST_BIN): $(B)/t/%: $(B)/t/%.o $(TEST_HELP) $(B)/libticketrail.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
