/* The bridge itself: frames from the host, SPI words and pins to the chip. See bridge.h and docs/bench.md. */
#include "bridge.h"

enum { MARK = 0xB2, VERSION = 1, ANSWER = 0x80, ERROR = 0xFF, LONGEST = 2048 };
enum { HELLO = 1, RESET = 2, TRANSFER = 3, PLAY = 4 };
enum { FAULT_CHECKSUM = 1, FAULT_VERSION = 2, FAULT_COMMAND = 3, FAULT_PAYLOAD = 4, FAULT_TIMEOUT = 5 };
enum { OP_EVENT = 1, OP_TARGET = 2, OP_IDLE = 3, OP_WAIT = 4, OP_LEVELS = 5, OP_TICK = 6, OP_READY = 7 };
enum { LEVEL_SAMPLE = 1, LEVEL_TARGET_VALID = 2, LEVEL_INFER_ACC = 4 };

/* How often a pin is looked at before the chip is given up, a cycle each at least. */
static const uint32_t PATIENCE = 1000000;

static uint8_t request[LONGEST], answer[LONGEST];
static uint16_t answer_length;
static int last_number = -1, last_command; /* of the answer that is kept, for a host that did not get it */

static int chip;
static enum { REST, REQUESTED, ACKNOWLEDGED } phase; /* of the input link */
static uint32_t outputs;   /* bytes since the last event was requested */
static uint32_t idle_left; /* cycles still to be waited for, in an OP_IDLE that was interrupted */
static int idling;

static uint16_t crc16_add(uint16_t crc, uint8_t byte)
{
    crc ^= (uint16_t)(byte << 8);
    for (int k = 0; k < 8; k++)
        crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    return crc;
}

static void send(uint8_t command, uint8_t number, const uint8_t *payload, uint16_t length)
{
    const uint8_t head[5] = {VERSION, command, number, (uint8_t)length, (uint8_t)(length >> 8)};
    uint16_t crc = 0xFFFF;
    board_put_byte(MARK);
    for (int k = 0; k < 5; k++) {
        board_put_byte(head[k]);
        crc = crc16_add(crc, head[k]);
    }
    for (uint16_t k = 0; k < length; k++) {
        board_put_byte(payload[k]);
        crc = crc16_add(crc, payload[k]);
    }
    board_put_byte((uint8_t)crc);
    board_put_byte((uint8_t)(crc >> 8));
}

static void send_fault(uint8_t number, uint8_t code, uint16_t detail)
{
    const uint8_t payload[3] = {code, (uint8_t)detail, (uint8_t)(detail >> 8)};
    send(ERROR, number, payload, 3);
}

static uint32_t little(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int k = 0; k < count; k++)
        value |= (uint32_t)bytes[k] << 8 * k;
    return value;
}

/* Output link: 1 when a byte was taken, 0 when there was none, -1 when the handshake hangs. `index` is the instruction's. */
static int take_output(uint16_t index)
{
    if (!board_get(PIN_OUT_REQ))
        return 0;
    answer[answer_length++] = (uint8_t)index;
    answer[answer_length++] = (uint8_t)(index >> 8);
    answer[answer_length++] = (uint8_t)board_get(PIN_OUT_DATA);
    outputs++;
    board_set(PIN_OUT_ACK, 1);
    uint32_t patience = PATIENCE;
    while (board_get(PIN_OUT_REQ) && --patience)
        board_wait(1);
    board_set(PIN_OUT_ACK, 0);
    return patience ? 1 : -1;
}

static int full(void)
{
    return answer_length + 3 > LONGEST;
}

enum outcome { DONE, FULL, HANGS };

/* Wait for a pin; bytes that come meanwhile are taken. */
static enum outcome wait_for(enum bridge_pin pin, uint32_t value, uint16_t index)
{
    uint32_t patience = PATIENCE;
    while (board_get(pin) != value) {
        if (full())
            return FULL;
        int taken = take_output(index);
        if (taken < 0 || !--patience)
            return HANGS;
        if (!taken)
            board_wait(1);
    }
    return DONE;
}

/* Four phases of the input link. When the answer fills up on the way, the same instruction is sent again and goes on from its phase. */
static enum outcome event(uint32_t address, int target, uint16_t index)
{
    enum outcome outcome = DONE;
    if (phase == REST) {
        board_set(PIN_AERIN_ADDR, address);
        if (chip == CHIP_RECKON)
            board_set(PIN_AERIN_TAR_EN, (uint32_t)target);
        board_wait(2);
        board_set(PIN_AERIN_REQ, 1);
        outputs = 0;
        phase = REQUESTED;
    }
    if (phase == REQUESTED) {
        outcome = wait_for(PIN_AERIN_ACK, 1, index);
        if (outcome != DONE)
            return outcome;
        board_set(PIN_AERIN_REQ, 0);
        phase = ACKNOWLEDGED;
    }
    outcome = wait_for(PIN_AERIN_ACK, 0, index);
    if (outcome != DONE)
        return outcome;
    if (chip == CHIP_RECKON)
        board_set(PIN_AERIN_TAR_EN, 0);
    phase = REST;
    return DONE;
}

static enum outcome idle(uint32_t value, uint16_t index)
{
    const uint32_t per_output = value >> 16;
    if (!idling) {
        idle_left = (value & 0xFFFF) + per_output * outputs;
        idling = 1;
    }
    while (idle_left) {
        if (full())
            return FULL;
        int taken = take_output(index);
        if (taken < 0)
            return HANGS;
        if (taken) {
            board_wait(4); /* the chip stands still until then */
            idle_left += per_output;
        } else {
            board_wait(1);
            idle_left--;
        }
    }
    idling = 0;
    return DONE;
}

static enum outcome carry_out(uint8_t op, uint32_t value, uint16_t index)
{
    enum outcome outcome = DONE;
    switch (op) {
    case OP_EVENT:
    case OP_TARGET:
        return event(value, op == OP_TARGET, index);
    case OP_IDLE:
        return idle(value, index);
    case OP_WAIT:
        board_wait(value);
        break;
    case OP_LEVELS:
        board_set(PIN_SAMPLE, (value & LEVEL_SAMPLE) != 0);
        board_set(PIN_TARGET_VALID, (value & LEVEL_TARGET_VALID) != 0);
        board_set(PIN_INFER_ACC, (value & LEVEL_INFER_ACC) != 0);
        break;
    case OP_TICK:
        board_set(PIN_TIME_TICK, 1);
        break;
    case OP_READY:
        outcome = wait_for(PIN_READY, 1, index);
        if (outcome == DONE)
            board_set(PIN_TIME_TICK, 0);
        break;
    }
    return outcome;
}

/* Answer: how many instructions were carried out, then index and byte of each output. Returns the index of one that hangs, or -1. */
static int play(uint16_t length)
{
    const uint16_t count = length / 5;
    answer_length = 2;
    uint16_t k = 0;
    for (; k < count; k++) {
        enum outcome outcome = carry_out(request[5 * k], little(request + 5 * k + 1, 4), k);
        if (outcome == HANGS)
            return k;
        if (outcome == FULL)
            break;
    }
    answer[0] = (uint8_t)k;
    answer[1] = (uint8_t)(k >> 8);
    return -1;
}

static void transfer(uint16_t length)
{
    const int bits = request[0];
    answer_length = 0;
    for (uint16_t k = 1; k + 4 <= length; k += 4) {
        uint32_t word = little(request + k, 4), back = 0;
        for (int b = bits - 1; b >= 0; b--)
            back = back << 1 | (uint32_t)(board_spi_bit((int)(word >> b & 1)) != 0);
        for (int b = 0; b < 4; b++)
            answer[answer_length++] = (uint8_t)(back >> 8 * b);
    }
}

static void reset(uint16_t hold, uint16_t wait)
{
    board_set(PIN_AERIN_ADDR, 0);
    board_set(PIN_AERIN_REQ, 0);
    board_set(PIN_OUT_ACK, 0);
    if (chip == CHIP_RECKON)
        for (int pin = PIN_AERIN_TAR_EN; pin <= PIN_TIME_TICK; pin++)
            board_set((enum bridge_pin)pin, 0);
    board_set(PIN_RST, 1);
    board_wait(hold);
    board_set(PIN_RST, 0);
    board_wait(wait);
    phase = REST;
    idling = 0;
    outputs = 0;
}

static void serve(uint8_t command, uint8_t number, uint16_t length)
{
    if (command != HELLO && number == last_number && command == last_command) { /* the host did not get the answer */
        send(command | ANSWER, number, answer, answer_length);
        return;
    }
    int hangs = -1;
    if (command == HELLO && length == 1) {
        chip = request[0];
        answer[0] = (uint8_t)LONGEST;
        answer[1] = (uint8_t)(LONGEST >> 8);
        answer_length = 2;
    } else if (command == RESET && length == 4) {
        reset((uint16_t)little(request, 2), (uint16_t)little(request + 2, 2));
        answer_length = 0;
    } else if (command == TRANSFER && length % 4 == 1 && request[0] <= 32)
        transfer(length);
    else if (command == PLAY && length % 5 == 0)
        hangs = play(length);
    else {
        send_fault(number, command >= HELLO && command <= PLAY ? FAULT_PAYLOAD : FAULT_COMMAND, command);
        return;
    }
    if (hangs >= 0) {
        last_number = -1;
        send_fault(number, FAULT_TIMEOUT, (uint16_t)hangs);
        return;
    }
    last_number = number;
    last_command = command;
    send(command | ANSWER, number, answer, answer_length);
}

void bridge_run(void)
{
    for (;;) {
        int byte;
        do
            byte = board_get_byte();
        while (byte >= 0 && byte != MARK);
        uint8_t head[5];
        uint16_t crc = 0xFFFF;
        for (int k = 0; k < 5 && byte >= 0; k++) {
            byte = board_get_byte();
            head[k] = (uint8_t)byte;
            crc = crc16_add(crc, head[k]);
        }
        if (byte < 0)
            return;
        const uint16_t length = (uint16_t)(head[3] | head[4] << 8);
        if (length > LONGEST) {
            send_fault(head[2], FAULT_CHECKSUM, 0);
            continue;
        }
        for (uint16_t k = 0; k < length && byte >= 0; k++) {
            byte = board_get_byte();
            request[k] = (uint8_t)byte;
            crc = crc16_add(crc, request[k]);
        }
        uint16_t sum = 0;
        for (int k = 0; k < 2 && byte >= 0; k++) {
            byte = board_get_byte();
            sum |= (uint16_t)((byte & 0xFF) << 8 * k);
        }
        if (byte < 0)
            return;
        if (sum != crc)
            send_fault(head[2], FAULT_CHECKSUM, 0);
        else if (head[0] != VERSION)
            send_fault(head[2], FAULT_VERSION, VERSION);
        else
            serve(head[1], head[2], length);
    }
}
