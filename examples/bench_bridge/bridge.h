/* A bridge between a serial port and a chip's pins, for brian2chip bench: what a board must provide.
 *
 * The protocol is specified in docs/bench.md. Plain C99, no heap, about 7 kB of memory. Implement the hooks below for your board, call
 * bridge_run() from main() and nothing else. The pins are those of the chip's top module.
 */
#ifndef BRIAN2CHIP_BRIDGE_H
#define BRIAN2CHIP_BRIDGE_H

#include <stdint.h>

enum bridge_pin {
    PIN_RST,
    PIN_AERIN_ADDR, /* 17 bits on ODIN, 10 on tinyODIN, 8 on ReckOn */
    PIN_AERIN_REQ,
    PIN_AERIN_ACK,
    PIN_OUT_DATA, /* AEROUT_ADDR on ODIN and tinyODIN */
    PIN_OUT_REQ,  /* AEROUT_REQ */
    PIN_OUT_ACK,  /* AEROUT_ACK */
    PIN_AERIN_TAR_EN, /* this and the rest: ReckOn only */
    PIN_SAMPLE,
    PIN_TARGET_VALID,
    PIN_INFER_ACC,
    PIN_TIME_TICK,
    PIN_READY /* TIMING_ERROR_RDY */
};

enum bridge_chip { CHIP_ODIN = 1, CHIP_TINYODIN = 2, CHIP_RECKON = 3 };

/* The next byte from the host; waits for it. A negative number ends bridge_run(). */
int board_get_byte(void);
/* Send a byte to the host. */
void board_put_byte(uint8_t byte);
/* One bit over SPI, mode 0: MOSI, half a period, read MISO, SCK up, half a period, SCK down. SCK is at most a quarter of the chip's clock. */
int board_spi_bit(int mosi);
/* Set a pin, or a bus of pins, to a value; read one. */
void board_set(enum bridge_pin pin, uint32_t value);
uint32_t board_get(enum bridge_pin pin);
/* Wait for at least so many cycles of the chip's clock. */
void board_wait(uint32_t cycles);

/* Serve the host until board_get_byte() returns a negative number. */
void bridge_run(void);

#endif
