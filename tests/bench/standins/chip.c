/* A stand-in for tests: the bridge of examples/bench_bridge in a process, with a chip behind its hooks that answers as files say.
 *
 *     chip NAME ASKED REPLIES AFTER [flip=ADDRESS] [lose=N] [noise=N] [deaf=N]
 *
 * NAME is odin, tinyodin or reckon. ASKED holds the addresses of input events, hexadecimal (of ReckOn, of each tick the exclusive or of its
 * inputs and levels); REPLIES event (or tick) and byte of each answer; AFTER what its memory holds after the last event: address from which
 * it is read, and value. flip: the lowest bit of what is written there is wrong; lose: answer N is not sent; noise: one bit of every N-th
 * byte to the host is wrong; deaf: event N is never acknowledged.
 */
#include "bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 65536 };
static uint32_t asked[MOST], event_of[MOST], byte_of[MOST], after_at[MOST], after_is[MOST];
static int replies, next, events, n_asked, n_after;
static uint32_t flip = 0xFFFFFFFF, noise, sent;
static int lose = -1, deaf = -2;
static uint32_t pins[PIN_READY + 1], differs, seen;

/* SPI: 40 bits, or a header and words of 32 bits. */
static uint8_t bytes[1 << 20];    /* of ODIN and tinyODIN, by address without its two highest bits */
static uint32_t words[8 * 16384]; /* of ReckOn, by code and address */
static uint64_t in, out;
static uint32_t header, left;
static int count, is_reckon, gate;

static void end_of_40(void)
{
    const uint32_t address = (uint32_t)(in >> 20 & 0xFFFFF), data = (uint32_t)(in & 0xFFFFF);
    uint8_t *byte = bytes + (address & 0x3FFFF);
    if (address >> 18 & 1 && gate && address >> 16 & 3)
        *byte = (uint8_t)((*byte & data >> 8) | (data & ~(data >> 8) & 0xFF)) ^ (address == flip);
    if (address == 0)
        gate = (int)(data & 1);
}

static void end_of_32(void)
{
    if (!left) {
        header = (uint32_t)in;
        left = header >> 16 & 0xFFF;
    } else {
        const uint32_t place = ((header >> 28 & 7) * 16384 + (header & 0xFFFF) + (header >> 16 & 0xFFF) - left) % (8 * 16384);
        if (!(header >> 31))
            words[place] = (uint32_t)in ^ (header == flip && left == (header >> 16 & 0xFFF));
        left--;
    }
    if (header >> 31 && left)
        out = words[((header >> 28 & 7) * 16384 + (header & 0xFFFF) + (header >> 16 & 0xFFF) - left) % (8 * 16384)];
}

int board_spi_bit(int mosi)
{
    const int top = is_reckon ? 31 : 7, miso = (int)(out >> top & 1);
    in = in << 1 | (uint64_t)mosi;
    out <<= 1;
    count++;
    if (!is_reckon && count == 32) {
        const uint32_t address = (uint32_t)(in >> 12 & 0xFFFFF);
        out = address >> 19 ? bytes[address & 0x3FFFF] : 0;
    }
    if (count == (is_reckon ? 32 : 40)) {
        count = 0;
        if (is_reckon)
            end_of_32();
        else
            end_of_40();
    }
    return miso;
}

static void begin(uint32_t what)
{
    differs = what ^ asked[events++ % MOST];
    for (int k = 0; k < n_after && events == n_asked; k++)
        if (is_reckon)
            words[((after_at[k] >> 28 & 7) * 16384 + (after_at[k] & 0xFFFF)) % (8 * 16384)] = after_is[k];
        else
            bytes[after_at[k] & 0x3FFFF] = (uint8_t)after_is[k];
}

void board_set(enum bridge_pin pin, uint32_t value)
{
    if (pin == PIN_RST && value)
        count = 0, left = 0;
    if (pin == PIN_AERIN_REQ && value && !pins[pin]) {
        if (!is_reckon)
            begin(pins[PIN_AERIN_ADDR]);
        else if (!pins[PIN_AERIN_TAR_EN])
            seen ^= pins[PIN_AERIN_ADDR];
    }
    if (pin == PIN_TIME_TICK && value && !pins[pin]) {
        begin(seen | (pins[PIN_SAMPLE] << 2 | pins[PIN_TARGET_VALID] << 1 | pins[PIN_INFER_ACC]) << 8);
        seen = 0;
    }
    pins[pin] = value;
}

static int has_reply(void)
{
    if (next == lose)
        next++;
    return next < replies && event_of[next] + 1 == (uint32_t)events;
}

uint32_t board_get(enum bridge_pin pin)
{
    static int up;
    if (pin == PIN_AERIN_ACK)
        return pins[PIN_AERIN_REQ] && events - 1 != deaf;
    if (pin == PIN_READY)
        return !has_reply();
    if (pin == PIN_OUT_REQ) {
        if (up && pins[PIN_OUT_ACK]) {
            up = 0;
            next++;
        } else if (!up && !pins[PIN_OUT_ACK])
            up = has_reply();
        return (uint32_t)up;
    }
    if (pin == PIN_OUT_DATA)
        return (byte_of[next] ^ differs ^ differs >> 8) & 0xFF;
    return pins[pin];
}

void board_wait(uint32_t cycles)
{
    (void)cycles;
}

int board_get_byte(void)
{
    uint8_t byte;
    return read(0, &byte, 1) == 1 ? byte : -1;
}

void board_put_byte(uint8_t byte)
{
    if (noise && ++sent % noise == 0)
        byte ^= 4;
    if (write(1, &byte, 1) != 1)
        exit(1);
}

static int read_rows(const char *path, const char *form, uint32_t *a, uint32_t *b)
{
    FILE *file = fopen(path, "r");
    int n = 0;
    while (file && n < MOST && fscanf(file, form, a + n, b ? b + n : NULL) == (b ? 2 : 1))
        n++;
    if (file)
        fclose(file);
    return n;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    is_reckon = !strcmp(argv[1], "reckon");
    memset(bytes, 0xA5, sizeof bytes);
    n_asked = read_rows(argv[2], "%x", asked, NULL);
    replies = read_rows(argv[3], "%u %u", event_of, byte_of);
    n_after = read_rows(argv[4], "%x %x", after_at, after_is);
    for (int k = 5; k < argc; k++) {
        sscanf(argv[k], "flip=%x", &flip);
        sscanf(argv[k], "lose=%d", &lose);
        sscanf(argv[k], "noise=%u", &noise);
        sscanf(argv[k], "deaf=%d", &deaf);
    }
    bridge_run();
    return 0;
}
