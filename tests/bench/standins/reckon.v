// A stand-in for tests with the pins of ReckOn's top module and a behaviour of our own: memories over SPI, ticks, and answers from a file.
//   +asked=FILE    of each tick what must come: the exclusive or of the inputs, and of levels SAMPLE, TARGET_VALID, INFER_ACC; hexadecimal
//   +replies=FILE  tick (counted over all samples) and byte of each answer, decimal, in order
//   +flip=HEADER   the lowest bit of the first word of such a write is wrong
//   +lose=N        answer N is not sent
module reckon (
    input  wire       CLK_EXT, CLK_INT_EN, RST, SCK, MOSI,
    output wire       MISO,
    input  wire [7:0] AERIN_ADDR,
    input  wire       AERIN_REQ,
    output reg        AERIN_ACK,
    input  wire       AERIN_TAR_EN, SAMPLE, TIME_TICK, TARGET_VALID, INFER_ACC,
    output wire       SPI_RDY,
    output wire       TIMING_ERROR_RDY,
    output reg        OUT_REQ,
    input  wire       OUT_ACK,
    output reg  [7:0] OUT_DATA
);
    localparam MOST = 65536, BUSY = 20;
    reg [31:0] memory [0:8*16384-1];  // by code and address
    reg [31:0] header, in, out, flip;
    reg [12:0] left;
    reg [4:0]  count;
    reg        conf;
    reg [31:0] asked [0:MOST-1];
    reg [31:0] tick_of [0:MOST-1];
    reg [7:0]  byte_of [0:MOST-1];
    integer    replies, next, ticks, busy, lose, file, got, k;
    reg [1:0]  request, acknowledge;
    reg [2:0]  tick;
    reg [31:0] seen, differs, one, two;
    reg [8*256-1:0] name;

    initial begin
        count = 0; left = 0; out = 0; conf = 1;
        for (k = 0; k < 8 * 16384; k = k + 1) memory[k] = 32'hA5A5A5A5;
        if (!$value$plusargs("flip=%h", flip)) flip = 32'hFFFFFFFF;
        if (!$value$plusargs("lose=%d", lose)) lose = -1;
        AERIN_ACK = 0; OUT_REQ = 0; OUT_DATA = 0; next = 0; ticks = 0; busy = 0; replies = 0; seen = 0; differs = 0;
        request = 0; acknowledge = 0; tick = 0;
        if ($value$plusargs("asked=%s", name)) $readmemh(name, asked);
        if ($value$plusargs("replies=%s", name)) begin
            file = $fopen(name, "r");
            got = $fscanf(file, "%d %d", one, two);
            while (got == 2) begin
                tick_of[replies] = one; byte_of[replies] = two; replies = replies + 1;
                got = $fscanf(file, "%d %d", one, two);
            end
            $fclose(file);
        end
    end

    // SPI: a header, then as many words as its bits 27..16 say
    function [16:0] place(input [31:0] head, input [12:0] still);
        place = {head[30:28], 14'b0} + head[15:0] + head[27:16] - still;
    endfunction
    assign MISO = out[31];
    always @(posedge RST) begin count = 0; left = 0; conf = 1; end
    always @(posedge SCK) in = {in[30:0], MOSI};
    always @(negedge SCK) if (!RST) begin
        out = out << 1;
        count = count + 1;
        if (count == 0) begin
            if (left == 0) begin
                header = in;
                left = in[27:16];
            end else begin
                if (!header[31] && header[30:28] == 0) begin
                    if (header[15:0] == 0) conf = in[0];
                end else if (!header[31] && conf)
                    memory[place(header, left)] = in ^ (header == flip && header[27:16] == left);
                left = left - 1;
            end
            if (header[31] && left != 0) out = memory[place(header, left)];
        end
    end

    // ticks, events, answers
    assign SPI_RDY = 0;
    assign TIMING_ERROR_RDY = busy == 0 && !OUT_REQ && !acknowledge[1];
    always @(posedge CLK_EXT) begin
        request     = {request[0], AERIN_REQ};
        acknowledge = {acknowledge[0], OUT_ACK};
        tick        = {tick[1:0], TIME_TICK};
        if (!AERIN_ACK && request[1] && !conf) begin
            if (!AERIN_TAR_EN) seen = seen ^ AERIN_ADDR;
            AERIN_ACK = 1;
        end else if (AERIN_ACK && !request[1]) AERIN_ACK = 0;
        if (OUT_REQ && acknowledge[1]) OUT_REQ = 0;
        else if (tick == 3'b011) begin
            differs = {SAMPLE, TARGET_VALID, INFER_ACC, seen[7:0]} ^ asked[ticks];
            seen = 0;
            ticks = ticks + 1;
            busy = BUSY;
        end else if (busy > 0 && !acknowledge[1] && !OUT_REQ) begin
            busy = busy - 1;
            if (next == lose) next = next + 1;
            if (next < replies && tick_of[next] == ticks - 1) begin
                OUT_DATA = byte_of[next] ^ differs[7:0] ^ {5'b0, differs[10:8]};
                OUT_REQ  = 1;
                next = next + 1;
                busy = BUSY;
            end
        end
    end
endmodule
