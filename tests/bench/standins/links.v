// A stand-in for tests: an input link that checks what comes, and an output link that answers as a file says; nothing of any chip.
//   +asked=FILE    the addresses that must come, a line each, hexadecimal
//   +replies=FILE  event and byte of each answer, decimal, in order
//   +lose=N        answer N is not sent
// An address that is not the one that must come spoils the answers to it: they are changed by what it differs in.
module links #(parameter BITS = 17) (
    input  wire            CLK,
    input  wire            RST,
    input  wire            gate,
    input  wire [BITS-1:0] AERIN_ADDR,
    input  wire            AERIN_REQ,
    output reg             AERIN_ACK,
    output reg  [7:0]      AEROUT_ADDR,
    output reg             AEROUT_REQ,
    input  wire            AEROUT_ACK,
    output wire            finished
);
    localparam MOST = 65536, BUSY = 20;
    reg [31:0] asked [0:MOST-1];
    reg [31:0] event_of [0:MOST-1];
    reg [7:0]  byte_of [0:MOST-1];
    integer replies, asks, next, events, busy, lose, file, got;
    reg [1:0]  request, acknowledge;
    reg [31:0] differs, one, two;
    reg [8*256-1:0] name;

    initial begin
        AERIN_ACK = 0; AEROUT_REQ = 0; AEROUT_ADDR = 0; next = 0; events = 0; busy = 0; replies = 0; differs = 0;
        request = 0; acknowledge = 0;
        if (!$value$plusargs("lose=%d", lose)) lose = -1;
        asks = 0;
        if ($value$plusargs("asked=%s", name)) begin
            file = $fopen(name, "r");
            got = $fscanf(file, "%h", one);
            while (got == 1) begin
                asked[asks] = one; asks = asks + 1;
                got = $fscanf(file, "%h", one);
            end
            $fclose(file);
        end
        if ($value$plusargs("replies=%s", name)) begin
            file = $fopen(name, "r");
            got = $fscanf(file, "%d %d", one, two);
            while (got == 2) begin
                event_of[replies] = one; byte_of[replies] = two; replies = replies + 1;
                got = $fscanf(file, "%d %d", one, two);
            end
            $fclose(file);
        end
    end

    assign finished = asks > 0 && events == asks;

    always @(posedge CLK) begin
        request     = {request[0], AERIN_REQ};
        acknowledge = {acknowledge[0], AEROUT_ACK};
        if (AEROUT_REQ && acknowledge[1]) AEROUT_REQ = 0;
        else if (busy > 0 && !acknowledge[1] && !AEROUT_REQ) begin
            busy = busy - 1;
            if (next == lose) next = next + 1;
            if (next < replies && event_of[next] == events - 1) begin
                AEROUT_ADDR = byte_of[next] ^ differs[7:0] ^ differs[15:8];
                AEROUT_REQ  = 1;
                next = next + 1;
                busy = BUSY;
            end
        end else if (!gate && busy == 0 && !AERIN_ACK && request[1]) begin
            differs = AERIN_ADDR ^ asked[events];
            events = events + 1;
            AERIN_ACK = 1;
        end else if (AERIN_ACK && !request[1]) begin
            AERIN_ACK = 0;
            busy = BUSY;
        end
    end
endmodule
