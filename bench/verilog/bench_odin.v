// ODIN with its pins as variables, for the testbench to drive.
`timescale 1ns / 1ps

module bench_odin;
    reg         CLK, RST, AERIN_REQ, AEROUT_ACK;
    reg  [16:0] AERIN_ADDR;
    wire        SCK, MOSI, MISO, AERIN_ACK, AEROUT_REQ;
    wire [7:0]  AEROUT_ADDR;

    initial begin
        CLK = 0; RST = 0; AERIN_REQ = 0; AEROUT_ACK = 0; AERIN_ADDR = 0;
    end
    always #5 CLK = ~CLK;

    spi_stream spi (.SCK(SCK), .MOSI(MOSI), .MISO(MISO));

    ODIN chip (
        .CLK(CLK), .RST(RST), .SCK(SCK), .MOSI(MOSI), .MISO(MISO),
        .AERIN_ADDR(AERIN_ADDR), .AERIN_REQ(AERIN_REQ), .AERIN_ACK(AERIN_ACK),
        .AEROUT_ADDR(AEROUT_ADDR), .AEROUT_REQ(AEROUT_REQ), .AEROUT_ACK(AEROUT_ACK)
    );
endmodule
